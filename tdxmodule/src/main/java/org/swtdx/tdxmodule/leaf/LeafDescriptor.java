package org.swtdx.tdxmodule.leaf;

/**
 * What the dispatcher knows of a leaf.
 *
 * @param number leaf number, RAX bits 15:0
 * @param name name in the ABI specification
 * @param maxVersion highest version, RAX bits 23:16
 * @param beforeReady whether it may be called before the module is ready
 * @param opStates bitmap of the TD operation states it is allowed in
 * @param septStates bitmap of the Secure EPT entry states it accepts
 * @param leaf the function
 */
public record LeafDescriptor(
    int number,
    String name,
    int maxVersion,
    boolean beforeReady,
    int opStates,
    int septStates,
    HostLeaf leaf) {}
