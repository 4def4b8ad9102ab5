/**
 * JSON as signed documents need it read: UTF-8 only, no duplicate names, no trailing bytes, bounded
 * nesting. Not for use outside this module.
 */
package org.swtdx.attestation.json;
