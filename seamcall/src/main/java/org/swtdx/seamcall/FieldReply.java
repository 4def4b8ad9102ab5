package org.swtdx.seamcall;

/**
 * The result of reading or writing a metadata field.
 *
 * @param status completion status
 * @param value the field, or its old value after a write
 * @param next id of the next field in the same context, where the leaf returns it
 */
public record FieldReply(TdxStatus status, long value, long next) {}
