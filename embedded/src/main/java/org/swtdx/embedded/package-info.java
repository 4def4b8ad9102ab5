/**
 * The embedded TD as others see it: the bytes of a TDVF image. The build assembles it from {@link
 * org.swtdx.embedded.program} and keeps it as a resource.
 */
package org.swtdx.embedded;
