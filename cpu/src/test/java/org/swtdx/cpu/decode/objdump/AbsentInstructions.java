package org.swtdx.cpu.decode.objdump;

import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.swtdx.cpu.core.Insn;

/** Instructions that objdump knows and our processor does not have: they must be undefined. */
final class AbsentInstructions {
  private static final Set<String> NAMES =
      Stream.of(
              // defined to be undefined
              "ud0 ud1 ud2",
              // AMD's: 3DNow, SSE4a, SVM and its memory protection, and others
              "femms pavgusb pswapd pmulhrw pi2fd pi2fw extrq insertq movntsd movntss clgi stgi"
                  + " skinit invlpga invlpgb tlbsync vmgexit vmload vmmcall vmrun vmsave psmash"
                  + " pvalidate rmpadjust rmpquery rmpupdate clzero mcommit monitorx mwaitx rdpru",
              // VIA's
              "xcrypt-ctr xcrypt-ofb xcrypt-ecb xcrypt-cbc xcrypt-cfb xsha1 xsha256 xstore-rng"
                  + " montmul",
              // system management mode, SGX, key locker, TSX, VMFUNC and SEAM
              "rsm frstpm(287 encls enclu enclv pconfig xbegin xend xtest xabort xsusldtrk"
                  + " xresldtrk vmfunc seamcall seamops seamret loadiwkey encodekey128"
                  + " encodekey256",
              // shadow stacks, user interrupts, WAITPKG, ENQCMD, PTWRITE, MSR lists, GFNI
              "clrssbsy setssbsy incsspd incsspq rstorssp saveprevssp wrssd wrssq wrussd wrussq"
                  + " clui stui testui uiret senduipi tpause umonitor umwait enqcmd enqcmds ptwrite"
                  + " rdmsrlist wrmsrlist wrmsrns gf2p8affineinvqb gf2p8affineqb gf2p8mulb"
                  + " vgf2p8affineinvqb vgf2p8affineqb vgf2p8mulb",
              // RAO-INT, AMX, AVX-VNNI and its relatives, AVX-NE-CONVERT
              "aadd aand aor axor ldtilecfg sttilecfg tilezero tilerelease tileloadd tileloaddt1"
                  + " tilestored {vex}")
          .flatMap(line -> Stream.of(line.split(" ", -1)))
          .collect(Collectors.toUnmodifiableSet());

  /** Families: 3DNow, key locker, CMPccXADD, AMX, FMA4 and XOP, AVX-VNNI-INT, AVX-NE-CONVERT. */
  private static final Pattern FAMILIES =
      Pattern.compile(
          "pf[a-z0-9]+|aes(enc|dec)(wide)?(128|256)kl|cmp[a-z]+xadd|tdp.*|vfn?m(add|sub)(sub|add)?[ps][sd]"
              + "|vpermil2p[sd]|vpdp.*|vbcstne.*|vcvtne.*");

  /** The 256-bit forms of VAES and VPCLMULQDQ. */
  private static final Pattern WIDE_CRYPTO = Pattern.compile("vaes(enc|dec)(last)?|vpclmulqdq");

  private AbsentInstructions() {}

  static boolean contains(String mnemonic, Insn insn) {
    return NAMES.contains(mnemonic)
        || FAMILIES.matcher(mnemonic).matches()
        || insn.vectorLength == 1 && WIDE_CRYPTO.matcher(mnemonic).matches();
  }
}
