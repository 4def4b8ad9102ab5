/**
 * Where a guest's serial line ends: a stream, a file, a terminal with an escape key, and the search
 * for a pattern in what comes out. Knows no device and no KVM.
 */
package org.swtdx.vmm.console;
