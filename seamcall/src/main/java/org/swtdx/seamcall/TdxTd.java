package org.swtdx.seamcall;

import java.util.List;
import org.swtdx.memory.KeyId;

/**
 * A TD as the host knows it: the pages it gave for it and the KeyID it assigned.
 *
 * @param tdr root page
 * @param tdcs control structure pages, in the order in which they are added
 * @param keyId private KeyID
 */
public record TdxTd(TdrPage tdr, List<TdcsPage> tdcs, KeyId keyId) {}
