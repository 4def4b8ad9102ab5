package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.tdxmodule.measure.LittleEndian;
import org.swtdx.tdxmodule.metadata.VcpuFields;
import org.swtdx.tdxmodule.td.Tdcs;
import org.swtdx.tdxmodule.virt.TdCpuid;
import org.swtdx.tdxmodule.vp.GuestContext;
import org.swtdx.tdxmodule.vp.Tdvps;

/**
 * A TD with one vCPU that starts at the reset vector, enters long mode with an identity mapping of
 * 4 GiB (and of the shared half at linear 4 GiB), installs handlers that report every exception
 * through TDG.VP.VMCALL, and runs the code of the test at {@link #CODE}.
 */
public final class GuestTd implements AutoCloseable {
  static final long RESET_PAGE = 0xfffff000L;
  static final long PML4 = 0x1000;
  static final long PDPT = 0x2000;
  static final long TABLES = 0x3000;
  static final long HANDLERS = 0x4000;
  static final long CODE = 0x5000;
  static final long STACK = 0x7000;
  public static final long DATA = 0x8000;

  /** Linear address at which the guest sees shared GPA 0. */
  static final long SHARED_WINDOW = 1L << 32;

  static final long SHARED_BIT = 1L << 47;

  private static final int VP_ENTER = 0;
  private static final int VP_ADDCX = 4;
  private static final int VP_CREATE = 10;
  private static final int VP_FLUSH = 18;
  private static final int VP_INIT_V1 = 0x10016;
  private static final int VP_RD = 26;
  private static final int VP_WR = 43;

  private static final long SUPPRESS_VE = 1L << 63;
  private static final int IDT = 0x800;
  private static final int HANDLER_SIZE = 64;

  final Host host;
  private final boolean ownHost;
  final long tdr;
  final long tdvpr;
  final LogicalProcessor lp;
  private final List<Long> privatePages = new ArrayList<>();

  public GuestTd(GuestCode code) {
    this(0, 4, code);
  }

  /** A TD with these ATTRIBUTES and CONFIG_FLAGS. */
  public GuestTd(long attributes, long flags, GuestCode code) {
    this(Host.ready(), true, Host.TD_KEYID, attributes, flags, 0, code);
  }

  /** As {@link #GuestTd(long, long, GuestCode)} with a MAXPA of {@code maxpa}, if not 0. */
  GuestTd(long attributes, long flags, int maxpa, GuestCode code) {
    this(Host.ready(), true, Host.TD_KEYID, attributes, flags, maxpa, code);
  }

  /** A TD on a host that has others. */
  GuestTd(Host host, int keyId, GuestCode code) {
    this(host, false, keyId, 0, 4, 0, code);
  }

  private GuestTd(
      Host host,
      boolean ownHost,
      int keyId,
      long attributes,
      long flags,
      int maxpa,
      GuestCode code) {
    this.host = host;
    this.ownHost = ownHost;
    lp = host.platform.processors().getFirst();
    tdr = host.createTd(keyId);
    host.addTdcs(tdr);
    host.writeTdParams(attributes);
    host.host().write64(new Hpa(Host.TD_PARAMS + 8), 7);
    chooseMaxpa(host, flags, maxpa);
    Host.ok(host.call(Host.MNG_INIT, tdr, Host.TD_PARAMS));
    tdvpr = createVcpu(7);
    add(RESET_PAGE, resetPage());
    add(PML4, words(PDPT | 3));
    add(PDPT, words(0x83, 0x40000083L, 0x80000083L, 0xc0000083L, SHARED_BIT | 0x83));
    add(TABLES, tables());
    add(HANDLERS, handlers());
    add(CODE, code.bytes());
    add(STACK - 0x1000, new byte[0]);
    add(DATA, new byte[0]);
    Host.ok(host.call(Host.MR_FINALIZE, tdr));
  }

  /** Writes CONFIG_FLAGS and MAXPA, which is in CPUID_CONFIG, into TD_PARAMS. */
  static void chooseMaxpa(Host host, long flags, int maxpa) {
    host.host().write64(new Hpa(Host.TD_PARAMS + 32), flags);
    int entry = 0;
    while (TdCpuid.configLeaf(entry) != 0x80000008) {
      entry++;
    }
    host.host().write64(new Hpa(Host.TD_PARAMS + 256 + 16L * entry), maxpa);
  }

  private long createVcpu(long x2ApicId) {
    long page = host.page();
    Host.ok(host.call(VP_CREATE, page, tdr));
    for (int i = 0; i < 5; i++) {
      Host.ok(host.call(VP_ADDCX, host.page(), page));
    }
    Host.ok(host.call(VP_INIT_V1, page, 0x1234, x2ApicId));
    return page;
  }

  private void add(long gpa, byte[] contents) {
    host.addSept(tdr, gpa, 0);
    byte[] page = java.util.Arrays.copyOf(contents, 4096);
    host.host().write(new Hpa(Host.SOURCE), page, 0, page.length);
    long hpa = host.page();
    Host.ok(host.call(Host.PAGE_ADD, gpa, tdr, hpa, Host.SOURCE));
    privatePages.add(hpa);
  }

  /** Gives the TD a pending 4 KiB page at {@code gpa}; returns its HPA. */
  long augment(long gpa) {
    host.addSept(tdr, gpa, 0);
    long hpa = host.page();
    Host.ok(host.call(Host.PAGE_AUG, gpa, tdr, hpa));
    return hpa;
  }

  /** Gives the TD a pending 2 MiB page at {@code gpa}; returns its HPA. */
  long augmentLarge(long gpa) {
    host.addSept(tdr, gpa, 1);
    long hpa = host.largePage();
    Host.ok(host.call(Host.PAGE_AUG, gpa | 1, tdr, hpa));
    return hpa;
  }

  /** HPA of the page that was added as number {@code i}. */
  long privatePage(int i) {
    return privatePages.get(i);
  }

  /** TDH.VP.ENTER; outputs are in {@code host.regs}. */
  public long enter() {
    host.regs.rax = VP_ENTER;
    host.regs.rcx = tdvpr;
    host.module.seamcall(lp, host.regs);
    return host.regs.rax;
  }

  long enterOn(LogicalProcessor other) {
    return host.callOn(other, VP_ENTER, tdvpr);
  }

  long flush() {
    return host.call(VP_FLUSH, tdvpr);
  }

  /** TDH.VP.RD; returns the status, the value is in R8. */
  long readVcpu(long field) {
    return host.call(VP_RD, tdvpr, field);
  }

  /** Gives the vCPU a shared EPT that maps nothing and suppresses #VE. */
  void giveSharedEpt() {
    long root = host.page();
    for (int i = 0; i < 512; i++) {
      host.host().write64(new Hpa(root + 8L * i), SUPPRESS_VE);
    }
    Host.ok(writeVcpu(VcpuFields.TABLE.idOf("SHARED_EPTP"), root, -1));
  }

  long writeVcpu(long field, long value, long mask) {
    return host.call(VP_WR, tdvpr, field, value, mask);
  }

  public GuestContext vcpu() {
    Tdvps tdvps = Objects.requireNonNull(host.state().vcpus().get(tdvpr));
    return tdvps.guest();
  }

  public Tdcs tdcs() {
    return host.td(tdr).tdcs();
  }

  private static byte[] words(long... values) {
    byte[] bytes = new byte[8 * values.length];
    for (int i = 0; i < values.length; i++) {
      LittleEndian.put64(bytes, 8 * i, values[i]);
    }
    return bytes;
  }

  /** Enters long mode; the last 16 bytes are the reset vector. */
  private static byte[] resetPage() {
    byte[] page = new byte[4096];
    byte[] code =
        new GuestCode()
            .hex("b8")
            .imm32(PML4)
            .hex("0f22d8") // CR3
            .hex("0f20e0 83c820 0f22e0") // CR4.PAE
            .hex("0f20c0 0d00000080 0f22c0") // CR0.PG
            .hex("0f0115")
            .imm32(TABLES + 0x20) // LGDT
            .hex("ea")
            .imm32(RESET_PAGE + 0x80)
            .hex("0800")
            .bytes();
    System.arraycopy(code, 0, page, 0, code.length);
    byte[] longMode =
        new GuestCode()
            .hex("0f011c25")
            .imm32(TABLES + 0x30) // LIDT
            .set(GuestCode.RSP, STACK)
            .hex("66b81000 8ed8 8ed0") // DS, SS
            .set(GuestCode.RAX, CODE)
            .hex("ffe0") // JMP RAX
            .bytes();
    System.arraycopy(longMode, 0, page, 0x80, longMode.length);
    byte[] vector = new GuestCode().hex("e9").imm32(-0xff5).bytes();
    System.arraycopy(vector, 0, page, 0xff0, vector.length);
    return page;
  }

  private static byte[] tables() {
    byte[] page = new byte[4096];
    LittleEndian.put64(page, 8, 0x00af9b000000ffffL);
    LittleEndian.put64(page, 16, 0x00cf93000000ffffL);
    LittleEndian.put64(page, 24, 0x00cf9b000000ffffL);
    LittleEndian.put16(page, 0x20, 31);
    LittleEndian.put32(page, 0x22, (int) TABLES);
    LittleEndian.put16(page, 0x30, 0x7ff);
    LittleEndian.put64(page, 0x32, TABLES + IDT);
    for (int vector = 0; vector < 128; vector++) {
      long handler = HANDLERS + (vector % 64) * HANDLER_SIZE;
      int gate = IDT + 16 * vector;
      LittleEndian.put64(page, gate, handler & 0xffff | 0x8e00_0008_0000L | (handler >>> 16) << 48);
    }
    return page;
  }

  /** One handler for each of the vectors 0 to 63, which reports it in R15 and RIP in RBX. */
  private static byte[] handlers() {
    byte[] page = new byte[4096];
    for (int vector = 0; vector < 64; vector++) {
      GuestCode code = new GuestCode().hex("41bf").imm32(vector);
      boolean errorCode = vector == 8 || vector >= 10 && vector <= 14;
      if (errorCode) {
        code.hex("415e"); // POP R14
      }
      code.hex("5b"); // POP RBX
      if (vector == 20) {
        code.leaf(3).move(12, GuestCode.RCX).move(13, GuestCode.RDX);
      }
      code.report().spin();
      System.arraycopy(code.bytes(), 0, page, vector * HANDLER_SIZE, code.length());
    }
    return page;
  }

  @Override
  public void close() {
    if (ownHost) {
      host.close();
    }
  }
}
