/**
 * Everything of a processor that is not plain computing: exceptions and interrupts, segmentation
 * and far transfers, control, debug and model-specific registers, instructions that exit, the
 * virtual APIC, and the loop that runs a guest until a VM exit. Uses an execution tier for the
 * instructions themselves.
 */
package org.swtdx.cpu.system;
