/**
 * The processor as the layers above see it: a platform of logical processors, guest processors that
 * run until a VM exit, their controls, and the narrow interfaces through which they call out
 * (translate GPA to HPA, time, entropy). Knows neither KVM nor Trust Domains.
 */
package org.swtdx.cpu;
