package org.swtdx.vmm.launch;

import static org.swtdx.attestation.tdvf.TdvfSection.PAGE_BYTES;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.swtdx.attestation.tdvf.SectionType;
import org.swtdx.attestation.tdvf.TdvfImage;
import org.swtdx.attestation.tdvf.TdvfSection;
import org.swtdx.kvm.KvmVcpu;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.UserMemory;
import org.swtdx.kvm.uapi.Errno;
import org.swtdx.kvm.uapi.KvmExtensionAbi;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmTdxInitMemRegion;
import org.swtdx.kvm.uapi.KvmTdxInitVm;
import org.swtdx.kvm.uapi.Struct;
import org.swtdx.vmm.Digest384;
import org.swtdx.vmm.LaunchListener;
import org.swtdx.vmm.TdAttributes;
import org.swtdx.vmm.TdParameters;
import org.swtdx.vmm.VmmException;

/** The TDX sub-commands of a launch, in the order that KVM wants. */
final class TdBuilder {
  private static final int CAPABILITY_ENTRIES = 256;
  private static final int ENTROPY_RETRIES = 10_000;
  private static final int CHUNK_PAGES = 64;
  private static final long X87_AND_SSE = 3;

  private final KvmVm vm;
  private final KvmTdxCapabilities capabilities;
  private long xfam;
  private long added;
  private long measured;

  private TdBuilder(KvmVm vm, KvmTdxCapabilities capabilities) {
    this.vm = vm;
    this.capabilities = capabilities;
  }

  /** Asks for the capabilities, with room for more and more CPUID entries. */
  static TdBuilder of(KvmVm vm) throws VmmException {
    int capacity = 6;
    KvmTdxCapabilities capabilities = KvmTdxCapabilities.withCapacity(capacity);
    int result = vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), capabilities);
    while (result == -Errno.E2BIG && capacity < CAPABILITY_ENTRIES) {
      capacity *= 2;
      capabilities = KvmTdxCapabilities.withCapacity(capacity);
      result = vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), capabilities);
    }
    Ioctl.check("KVM_TDX_CAPABILITIES", result);
    return new TdBuilder(vm, capabilities);
  }

  /** Bits for R11 of TDVMCALL GetTdVmCallInfo, sub-function 1. */
  long tdVmCallInfoR11() {
    return capabilities.kernelTdvmcallinfo1R11() | capabilities.userTdvmcallinfo1R11();
  }

  /** Bits for R12 of TDVMCALL GetTdVmCallInfo, sub-function 1. */
  long tdVmCallInfoR12() {
    return capabilities.kernelTdvmcallinfo1R12() | capabilities.userTdvmcallinfo1R12();
  }

  /** XFAM that the TD was created with. */
  long xfam() {
    return xfam;
  }

  /** Pages added. */
  long pagesAdded() {
    return added;
  }

  /** Pages added and measured. */
  long pagesMeasured() {
    return measured;
  }

  /** KVM_TDX_INIT_VM. */
  void initVm(TdParameters td, GuestCpuid cpuid) throws VmmException {
    long refused = td.attributes() & ~capabilities.supportedAttrs();
    if (refused != 0) {
      throw new VmmException(
          VmmException.Cause.INPUT,
          "KVM doesn't offer TD attributes %s; it offers %s"
              .formatted(
                  String.join(",", TdAttributes.describe(refused)),
                  String.join(",", TdAttributes.describe(capabilities.supportedAttrs()))));
    }
    List<CpuidEntry> entries = cpuid.forTd(GuestCpuid.entries(capabilities.cpuid()));
    KvmTdxInitVm init = KvmTdxInitVm.withCapacity(entries.size());
    xfam = (cpuid.xfam() | X87_AND_SSE) & capabilities.supportedXfam();
    init.attributes(td.attributes()).xfam(xfam);
    for (int i = 0; i < 6; i++) {
      init.mrconfigid(i, word(td.mrConfigId(), i));
      init.mrowner(i, word(td.mrOwner(), i));
      init.mrownerconfig(i, word(td.mrOwnerConfig(), i));
    }
    GuestCpuid.fill(init.cpuid(), entries);
    int result = -Errno.EAGAIN;
    for (int i = 0; i < ENTROPY_RETRIES && result == -Errno.EAGAIN; i++) {
      result = command("KVM_TDX_INIT_VM", KvmTdxCmd.of(KvmTdx.INIT_VM, 0, 0), init);
    }
    Ioctl.check("KVM_TDX_INIT_VM", result);
  }

  private static long word(Digest384 digest, int index) {
    return ByteBuffer.wrap(digest.bytes()).order(ByteOrder.LITTLE_ENDIAN).getLong(8 * index);
  }

  /** Issues a VM-scoped command; a refusal with a SEAMCALL status says so. */
  private int command(String name, KvmTdxCmd cmd, @Nullable Struct data) throws VmmException {
    int result = vm.memoryEncryptOp(cmd, data);
    if (result < 0 && result != -Errno.EAGAIN && cmd.hwError() != 0) {
      throw Ioctl.refused(name, result, ", SEAMCALL status 0x" + Long.toHexString(cmd.hwError()));
    }
    return result;
  }

  /** KVM_TDX_INIT_VCPU: the vCPU starts with the address of the hand-off block list. */
  void initVcpu(KvmVcpu vcpu, long hobAddress) throws VmmException {
    Ioctl.check(
        "KVM_TDX_INIT_VCPU",
        vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_VCPU, 0, hobAddress), null));
  }

  /**
   * Adds the initial pages, section by section.
   *
   * @param vcpu an initialised vCPU, as KVM wants one
   * @param hob the hand-off block list
   * @param memory memory of this process, for the pages on their way
   * @param listener hears of the progress
   */
  void addPages(
      KvmVcpu vcpu, TdvfImage image, byte[] hob, UserMemory memory, LaunchListener listener)
      throws VmmException {
    long total = 0;
    for (TdvfSection section : image.sections()) {
      total += section.augmented() ? 0 : section.pages();
    }
    long source = memory.mmap((long) CHUNK_PAGES * PAGE_BYTES);
    if (source < 0) {
      throw Ioctl.refused("mmap of pages to add", source, "");
    }
    for (TdvfSection section : image.sections()) {
      for (long page = 0; page < section.pages() && !section.augmented(); page += CHUNK_PAGES) {
        int count = (int) Math.min(CHUNK_PAGES, section.pages() - page);
        stage(image, section, page, count, hob, memory, source);
        addRegion(vcpu, section, page, count, source);
        listener.pagesAdded(added, total, section.measured());
      }
    }
    memory.munmap(source);
  }

  private static void stage(
      TdvfImage image,
      TdvfSection section,
      long page,
      int count,
      byte[] hob,
      UserMemory memory,
      long source) {
    byte[] bytes = new byte[count * PAGE_BYTES];
    if (section.type() == SectionType.TD_HOB) {
      int from = (int) (page * PAGE_BYTES);
      if (from < hob.length) {
        System.arraycopy(hob, from, bytes, 0, Math.min(bytes.length, hob.length - from));
      }
    } else {
      for (int i = 0; i < count; i++) {
        image.copyPage(section, page + i, bytes, i * PAGE_BYTES);
      }
    }
    memory.write(source, bytes, 0, bytes.length);
  }

  private void addRegion(KvmVcpu vcpu, TdvfSection section, long page, int count, long source)
      throws VmmException {
    KvmTdxInitMemRegion region =
        new KvmTdxInitMemRegion()
            .sourceAddr(source)
            .gpa(section.gpa() + page * PAGE_BYTES)
            .nrPages(count);
    int flags = section.measured() ? KvmTdx.MEASURE_MEMORY_REGION : 0;
    int result;
    do {
      result = vcpu.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.INIT_MEM_REGION, flags, 0), region);
    } while (result == -Errno.EAGAIN || result == -Errno.EINTR);
    if (result < 0) {
      throw Ioctl.refused(
          "KVM_TDX_INIT_MEM_REGION",
          result,
          " at gpa 0x%x, %s".formatted(region.gpa(), section.describe()));
    }
    added += count;
    measured += section.measured() ? count : 0;
  }

  /**
   * KVM_TDX_TERMINATE_VM where KVM offers it, an extension: the TD's pages then come back faster.
   * No vCPU runs any more. Whether that helps does not matter, all files are closed next.
   */
  void terminate() {
    if ((capabilities.supportedCaps() & KvmExtensionAbi.CAP_TERMINATE_VM) != 0) {
      vm.memoryEncryptOp(KvmTdxCmd.of(KvmExtensionAbi.TERMINATE_VM, 0, 0), null);
    }
  }

  /** KVM_TDX_FINALIZE_VM. */
  void finalizeVm() throws VmmException {
    KvmTdxCmd cmd = KvmTdxCmd.of(KvmTdx.FINALIZE_VM, 0, 0);
    Ioctl.check("KVM_TDX_FINALIZE_VM", command("KVM_TDX_FINALIZE_VM", cmd, null));
  }
}
