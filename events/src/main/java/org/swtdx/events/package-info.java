/**
 * One event stream for the whole platform: counters by kind and a bounded ring of the latest
 * records. Layers write, the command line reads; nothing here knows a layer.
 */
package org.swtdx.events;
