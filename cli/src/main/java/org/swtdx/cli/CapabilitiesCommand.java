package org.swtdx.cli;

import java.io.PrintWriter;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.swtdx.kvm.Kvm;
import org.swtdx.kvm.KvmVm;
import org.swtdx.kvm.VmmProcess;
import org.swtdx.kvm.uapi.KvmCap;
import org.swtdx.kvm.uapi.KvmCpuid2;
import org.swtdx.kvm.uapi.KvmTdx;
import org.swtdx.kvm.uapi.KvmTdxCapabilities;
import org.swtdx.kvm.uapi.KvmTdxCmd;
import org.swtdx.kvm.uapi.KvmVmType;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Prints what KVM_CHECK_EXTENSION and KVM_TDX_CAPABILITIES report. */
@Command(
    name = "capabilities",
    description = "Print what KVM_CHECK_EXTENSION and KVM_TDX_CAPABILITIES report.",
    mixinStandardHelpOptions = true)
final class CapabilitiesCommand implements Callable<Integer> {
  private static final int CPUID_CAPACITY = 256;

  @CommandLine.Spec
  @SuppressWarnings("NullAway.Init")
  private CommandLine.Model.CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    try (HostMachine machine = new HostMachine(1L << 30, 1)) {
      VmmProcess process = machine.kvm().newProcess();
      try {
        Kvm kvm = process.openKvm();
        Map<String, Integer> extensions = extensions(kvm);
        Optional<KvmTdxCapabilities> tdx = tdxCapabilities(process, kvm);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
          out.print(JsonDocument.text(document(extensions, tdx, machine)));
        } else {
          print(out, extensions, tdx, machine);
        }
        out.flush();
      } finally {
        process.exit();
      }
    }
    return ExitStatus.OK;
  }

  private static Map<String, Integer> extensions(Kvm kvm) {
    Map<String, Integer> result = new LinkedHashMap<>();
    for (Field field : KvmCap.class.getFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        try {
          int value = kvm.checkExtension(field.getInt(null));
          if (value != 0) {
            result.put("KVM_CAP_" + field.getName(), value);
          }
        } catch (IllegalAccessException e) {
          throw new IllegalStateException("a public constant is readable", e);
        }
      }
    }
    return result;
  }

  private static Optional<KvmTdxCapabilities> tdxCapabilities(VmmProcess process, Kvm kvm) {
    int fd = kvm.createVm(KvmVmType.TDX);
    if (fd < 0) {
      return Optional.empty();
    }
    KvmVm vm = process.vm(fd).orElseThrow();
    KvmTdxCapabilities capabilities = KvmTdxCapabilities.withCapacity(CPUID_CAPACITY);
    int result = vm.memoryEncryptOp(KvmTdxCmd.of(KvmTdx.CAPABILITIES, 0, 0), capabilities);
    process.close(fd);
    return result < 0 ? Optional.empty() : Optional.of(capabilities);
  }

  private static void print(
      PrintWriter out,
      Map<String, Integer> extensions,
      Optional<KvmTdxCapabilities> tdx,
      HostMachine machine) {
    out.println("KVM_CHECK_EXTENSION");
    extensions.forEach((name, value) -> out.printf("  %-34s %s%n", name, show(name, value)));
    out.println();
    if (tdx.isEmpty()) {
      out.println(
          "no TDX: " + machine.kvm().tdxUnavailable().orElse("KVM_CREATE_VM refuses type 5"));
      return;
    }
    KvmTdxCapabilities capabilities = tdx.get();
    out.println("KVM_TDX_CAPABILITIES");
    out.printf("  %-34s 0x%016x%n", "supported_attrs", capabilities.supportedAttrs());
    out.printf("  %-34s 0x%016x%n", "supported_xfam", capabilities.supportedXfam());
    out.printf(
        "  %-34s 0x%016x%n", "kernel_tdvmcallinfo_1_r11", capabilities.kernelTdvmcallinfo1R11());
    out.printf("  %-34s 0x%016x%n", "user_tdvmcallinfo_1_r11", capabilities.userTdvmcallinfo1R11());
    KvmCpuid2 cpuid = capabilities.cpuid();
    out.println("  configurable CPUID bits");
    out.printf(
        "    %10s %10s %10s %10s %10s %10s%n", "LEAF", "SUBLEAF", "EAX", "EBX", "ECX", "EDX");
    for (int i = 0; i < cpuid.nent(); i++) {
      out.printf(
          "    0x%08x %10s 0x%08x 0x%08x 0x%08x 0x%08x%n",
          cpuid.function(i),
          (cpuid.flags(i) & KvmCpuid2.SIGNIFICANT_INDEX) != 0
              ? Integer.toUnsignedString(cpuid.index(i))
              : "-",
          cpuid.eax(i),
          cpuid.ebx(i),
          cpuid.ecx(i),
          cpuid.edx(i));
    }
  }

  private static String show(String name, int value) {
    if (!name.equals("KVM_CAP_VM_TYPES")) {
      return Integer.toString(value);
    }
    StringBuilder types = new StringBuilder("0x" + Integer.toHexString(value) + "  (");
    String separator = "";
    for (int type = 0; type < Integer.SIZE; type++) {
      if ((value & 1 << type) != 0) {
        types.append(separator).append(typeName(type));
        separator = ", ";
      }
    }
    return types.append(')').toString();
  }

  private static String typeName(int type) {
    return switch (type) {
      case 0 -> "0 KVM_X86_DEFAULT_VM";
      case 1 -> "1 KVM_X86_SW_PROTECTED_VM";
      case 5 -> "5 KVM_X86_TDX_VM";
      default -> Integer.toString(type);
    };
  }

  private static ObjectNode document(
      Map<String, Integer> extensions, Optional<KvmTdxCapabilities> tdx, HostMachine machine) {
    ObjectNode root = JsonDocument.start("swtdx.capabilities", 1);
    ObjectNode node = root.putObject("checkExtension");
    extensions.forEach(node::put);
    if (tdx.isEmpty()) {
      root.put(
          "tdxUnavailable", machine.kvm().tdxUnavailable().orElse("KVM_CREATE_VM refuses type 5"));
      return root;
    }
    KvmTdxCapabilities capabilities = tdx.get();
    ObjectNode tdxNode = root.putObject("tdxCapabilities");
    tdxNode.put("supportedAttrs", hex(capabilities.supportedAttrs()));
    tdxNode.put("supportedXfam", hex(capabilities.supportedXfam()));
    tdxNode.put("kernelTdvmcallinfo1R11", hex(capabilities.kernelTdvmcallinfo1R11()));
    tdxNode.put("userTdvmcallinfo1R11", hex(capabilities.userTdvmcallinfo1R11()));
    tdxNode.put("kernelTdvmcallinfo1R12", hex(capabilities.kernelTdvmcallinfo1R12()));
    tdxNode.put("userTdvmcallinfo1R12", hex(capabilities.userTdvmcallinfo1R12()));
    ArrayNode list = tdxNode.putArray("cpuid");
    KvmCpuid2 cpuid = capabilities.cpuid();
    for (int i = 0; i < cpuid.nent(); i++) {
      ObjectNode entry = list.addObject();
      entry.put("function", hex32(cpuid.function(i)));
      if ((cpuid.flags(i) & KvmCpuid2.SIGNIFICANT_INDEX) != 0) {
        entry.put("index", cpuid.index(i));
      }
      entry.put("eax", hex32(cpuid.eax(i)));
      entry.put("ebx", hex32(cpuid.ebx(i)));
      entry.put("ecx", hex32(cpuid.ecx(i)));
      entry.put("edx", hex32(cpuid.edx(i)));
    }
    return root;
  }

  private static String hex(long value) {
    return String.format("0x%016x", value);
  }

  private static String hex32(int value) {
    return String.format("0x%08x", value);
  }
}
