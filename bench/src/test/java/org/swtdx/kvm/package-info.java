/** What benchmarks reach that KVM does not show. */
@org.jspecify.annotations.NullMarked
package org.swtdx.kvm;
