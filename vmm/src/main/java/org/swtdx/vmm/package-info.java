/**
 * The VMM: a KVM client that loads firmware, hands memory over through the TD HOB, and emulates the
 * devices of a small Q35 machine.
 */
package org.swtdx.vmm;
