/**
 * Fuzz targets of Attestation: bytes become calls, and nothing but documented answers may come out.
 */
@org.jspecify.annotations.NullMarked
package org.swtdx.fuzz.attestation;
