/**
 * Metadata: field tables of the platform, TD and vCPU scope and the one engine through which every
 * read and write leaf goes.
 */
package org.swtdx.tdxmodule.metadata;
