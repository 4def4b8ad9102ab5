/**
 * Fuzz targets of the processor: bytes become calls, and nothing but documented answers may come
 * out.
 */
@org.jspecify.annotations.NullMarked
package org.swtdx.fuzz.cpu;
