/**
 * The machine's ACPI tables (ACPI specification 6.5) and the script with which firmware places and
 * links them. A TD's firmware adds the multiprocessor wakeup structure and the CCEL table itself.
 */
package org.swtdx.vmm.acpi;
