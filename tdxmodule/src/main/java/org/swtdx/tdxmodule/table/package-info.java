/**
 * The tables that the module is made of, as resources beside the classes that use them: reading
 * them and the rows of the leaf tables. Knows no leaf.
 */
package org.swtdx.tdxmodule.table;
