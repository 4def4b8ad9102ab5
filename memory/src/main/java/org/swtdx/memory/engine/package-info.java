/**
 * The one implementation of physical memory: an arena of lazily backed bytes, the owner of every
 * frame or line of it, the ephemeral keys, and the frame allocator. Not exported; other layers come
 * in through {@link org.swtdx.memory.HostView} or, where they may name KeyIDs, through {@link
 * org.swtdx.memory.seam.PhysicalBus}.
 */
package org.swtdx.memory.engine;
