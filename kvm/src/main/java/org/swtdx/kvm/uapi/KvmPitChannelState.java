package org.swtdx.kvm.uapi;

/**
 * A channel of the 8254, {@code struct kvm_pit_channel_state}.
 *
 * @param count the count, 1 to 65536
 * @param latchedCount the latched count
 * @param countLatched 0, or how the latched count will be read: 1 low byte, 2 high, 3 both
 * @param statusLatched whether a status is latched
 * @param status the latched status
 * @param readState 1 low byte, 2 high byte, 3 low byte of two, 4 high byte of two
 * @param writeState the same for writes
 * @param writeLatch the low byte that was written
 * @param rwMode the access mode, bits 5:4 of the control word
 * @param mode the mode
 * @param bcd whether it counts in decimal
 * @param gate the gate
 * @param loadTime when the count was loaded, in nanoseconds of the clock
 */
public record KvmPitChannelState(
    int count,
    int latchedCount,
    int countLatched,
    int statusLatched,
    int status,
    int readState,
    int writeState,
    int writeLatch,
    int rwMode,
    int mode,
    int bcd,
    int gate,
    long loadTime) {}
