/** Text that strangers wrote, made fit to be shown. Knows nothing of what it means. */
package org.swtdx.attestation.text;
