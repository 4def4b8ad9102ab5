/**
 * What a TD is measured into and how it proves it: the MRTD stream, run-time measurement registers
 * and the TDREPORT structure with its MAC. Enters: page addresses, page contents, digests. Leaves:
 * 48-byte measurements and 1024-byte reports. Knows no leaf and no register.
 */
package org.swtdx.tdxmodule.measure;
