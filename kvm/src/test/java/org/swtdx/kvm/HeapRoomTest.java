package org.swtdx.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmVmType;

final class HeapRoomTest {
  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    HeapRoom room = new HeapRoom(HeapRoom.VCPU + HeapRoom.VM);

    assertThat(room.take(HeapRoom.VCPU)).isTrue();
    assertThat(room.take(HeapRoom.VCPU)).isFalse();
    assertThat(room.take(HeapRoom.VM)).isTrue();
    assertThat(room.take(1)).isFalse();
    room.giveBack(HeapRoom.VCPU);
    assertThat(room.take(HeapRoom.VCPU)).isTrue();
  }

  /** That all is given back in the end is what {@link TestHost} expects of every test. */
  @Test
  void vmsAndVcpusTakeRoom() {
    try (OrdinaryVm machine = new OrdinaryVm()) {
      HeapRoom room = machine.machine.host.heap();
      assertThat(room.taken()).isEqualTo(HeapRoom.VM);
      assertThat(machine.vm.createVcpu(0)).isPositive();
      assertThat(room.taken()).isEqualTo(HeapRoom.VM + HeapRoom.VCPU);
      assertThat(machine.vm.createVcpu(0)).isEqualTo(-Errno.EEXIST);
      assertThat(room.taken()).isEqualTo(HeapRoom.VM + HeapRoom.VCPU);

      assertThat(room.take(Runtime.getRuntime().maxMemory() / 2 - room.taken())).isTrue();
      assertThat(machine.vm.createVcpu(1)).isEqualTo(-Errno.ENOMEM);
      assertThat(machine.kvm.createVm(KvmVmType.DEFAULT)).isEqualTo(-Errno.ENOMEM);
      room.giveBack(room.taken() - HeapRoom.VM - HeapRoom.VCPU);
    }
  }
}
