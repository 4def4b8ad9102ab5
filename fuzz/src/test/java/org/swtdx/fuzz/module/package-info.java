/**
 * Fuzz targets of the TDX module: bytes become calls, and nothing but documented answers may come
 * out.
 */
@org.jspecify.annotations.NullMarked
package org.swtdx.fuzz.module;
