/**
 * What a relying party demands of a quote beyond its being genuine: TCB status and dates, security
 * versions, attributes, measurements. A policy is data; the verifier applies it.
 */
package org.swtdx.attestation.policy;
