/**
 * The register file and memory face that instruction handlers work on, and the decoded form of an
 * instruction. Hot-path types: plain fields, primitives, no allocation per instruction.
 */
package org.swtdx.cpu.core;
