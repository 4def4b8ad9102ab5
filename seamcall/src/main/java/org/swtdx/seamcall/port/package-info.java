/**
 * The SEAMCALL instruction as a port: a register file goes in, a register file comes out. The TDX
 * module provides it as a service; nothing else of the module is visible.
 */
package org.swtdx.seamcall.port;
