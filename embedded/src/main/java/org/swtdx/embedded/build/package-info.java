/** Runs during the build only: puts the program into a TDVF image and writes it as a resource. */
package org.swtdx.embedded.build;
