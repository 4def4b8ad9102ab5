/**
 * Host physical memory as every layer may see it: typed addresses, KeyIDs, frames, and the
 * KeyID-checked host view. What a page holds under another key is ciphertext from here; nothing in
 * this package can name a guest.
 */
package org.swtdx.memory;
