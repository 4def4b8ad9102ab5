/** The {@code swtdx} command: options in, console and summary out. */
package org.swtdx.cli;
