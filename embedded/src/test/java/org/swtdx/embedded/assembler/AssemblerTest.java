package org.swtdx.embedded.assembler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.swtdx.embedded.assembler.Register.EAX;
import static org.swtdx.embedded.assembler.Register.EBX;
import static org.swtdx.embedded.assembler.Register.ECX;
import static org.swtdx.embedded.assembler.Register.EDI;
import static org.swtdx.embedded.assembler.Register.EDX;
import static org.swtdx.embedded.assembler.Register.ESI;
import static org.swtdx.embedded.assembler.Register.R10;
import static org.swtdx.embedded.assembler.Register.R11;
import static org.swtdx.embedded.assembler.Register.R12;
import static org.swtdx.embedded.assembler.Register.R14;
import static org.swtdx.embedded.assembler.Register.R15;
import static org.swtdx.embedded.assembler.Register.R9;
import static org.swtdx.embedded.assembler.Register.RAX;
import static org.swtdx.embedded.assembler.Register.RBP;
import static org.swtdx.embedded.assembler.Register.RBX;
import static org.swtdx.embedded.assembler.Register.RCX;
import static org.swtdx.embedded.assembler.Register.RDI;
import static org.swtdx.embedded.assembler.Register.RDX;
import static org.swtdx.embedded.assembler.Register.RSI;
import static org.swtdx.embedded.assembler.Register.RSP;

import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class AssemblerTest {
  private static Arguments of(String text, String encoding, Consumer<Assembler> instruction) {
    return Arguments.of(text, encoding, instruction);
  }

  /** The encodings are what GNU as makes of the text. */
  static Stream<Arguments> encodings() {
    return Stream.of(
        of("mov eax,0x21", "b821000000", a -> a.mov(EAX, 0x21)),
        of("mov eax,0x21", "b821000000", a -> a.mov(RAX, 0x21)),
        of("mov r15d,0x8000f840", "41bf40f80080", a -> a.mov(R15, 0x8000f840L)),
        of(
            "movabs rbx,0x0123456789abcdef",
            "48bbefcdab8967452301",
            a -> a.mov(RBX, 0x0123456789abcdefL)),
        of("movabs r9,0x8000000000", "49b90000000080000000", a -> a.mov(R9, 1L << 39)),
        of("mov rdi,rsi", "4889f7", a -> a.mov(RDI, RSI)),
        of("mov r15,rbx", "4989df", a -> a.mov(R15, RBX)),
        of("mov ebx,ecx", "89cb", a -> a.mov(EBX, ECX)),
        of("mov rax,[rbx+8]", "488b4308", a -> a.load(RAX, RBX, 8)),
        of("mov r14,[rbp+0]", "4c8b7500", a -> a.load(R14, RBP, 0)),
        of("mov ecx,[rbx+0x1000]", "8b8b00100000", a -> a.load(ECX, RBX, 0x1000)),
        of("mov rdx,[rsp+16]", "488b542410", a -> a.load(RDX, RSP, 16)),
        of("mov rdx,[r12+16]", "498b542410", a -> a.load(RDX, R12, 16)),
        of("mov eax,[edi+4]", "8b4704", a -> a.load(EAX, EDI, 4)),
        of("movzx edi,byte ptr [rbp+1]", "0fb67d01", a -> a.load8(RDI, RBP, 1)),
        of("movzx ecx,word ptr [rbx+2]", "0fb74b02", a -> a.load16(ECX, RBX, 2)),
        of("mov [rbx+8],rcx", "48894b08", a -> a.store(RBX, 8, RCX)),
        of("mov [edi+4],edx", "895704", a -> a.store(EDI, 4, EDX)),
        of(
            "mov dword ptr [rdi+4],0x12345678",
            "c7470478563412",
            a -> a.store32(RDI, 4, 0x12345678)),
        of("mov qword ptr [rbx+8],1", "48c7430801000000", a -> a.store64(RBX, 8, 1)),
        of("lea rcx,[rbx+1]", "488d4b01", a -> a.lea(RCX, RBX, 1)),
        of("lea rax,[rbx+0x200000]", "488d8300002000", a -> a.lea(RAX, RBX, 0x200000)),
        of("add rbx,rax", "4801c3", a -> a.add(RBX, RAX)),
        of("add rbx,8", "4883c308", a -> a.add(RBX, 8)),
        of("add rbx,0x200000", "4881c300002000", a -> a.add(RBX, 0x200000)),
        of("or r12,rax", "4909c4", a -> a.or(R12, RAX)),
        of("or ebx,0x20", "83cb20", a -> a.or(EBX, 0x20)),
        of("or ebx,0x80000000", "81cb00000080", a -> a.or(EBX, 1 << 31)),
        of("and rdi,15", "4883e70f", a -> a.and(RDI, 15)),
        of("sub r11,rbx", "4929db", a -> a.sub(R11, RBX)),
        of("sub ecx,33", "83e921", a -> a.sub(ECX, 33)),
        of("xor r10,r10", "4d31d2", a -> a.xor(R10, R10)),
        of("cmp rbx,rbp", "4839eb", a -> a.cmp(RBX, RBP)),
        of("cmp rax,-1", "4883f8ff", a -> a.cmp(RAX, -1)),
        of("cmp ecx,0xc0000b0b", "81f90b0b00c0", a -> a.cmp(ECX, 0xc0000b0b)),
        of("test rax,rax", "4885c0", a -> a.test(RAX, RAX)),
        of("test esi,esi", "85f6", a -> a.test(ESI, ESI)),
        of("test r11,0x20", "49f7c320000000", a -> a.test(R11, 0x20)),
        of("shl r9,32", "49c1e120", a -> a.shl(R9, 32)),
        of("shr rax,20", "48c1e814", a -> a.shr(RAX, 20)),
        of("rol rbp,4", "48c1c504", a -> a.rol(RBP, 4)),
        of("shl edx,cl", "d3e2", a -> a.shlByCl(EDX)),
        of("div rcx", "48f7f1", a -> a.div(RCX)),
        of("push rbx", "53", a -> a.push(RBX)),
        of("push r12", "4154", a -> a.push(R12)),
        of("pop rdi", "5f", a -> a.pop(RDI)),
        of("ret", "c3", a -> a.ret()),
        of("mov cr3,eax", "0f22d8", a -> a.movToControl(3, EAX)),
        of("mov eax,cr4", "0f20e0", a -> a.movFromControl(EAX, 4)),
        of("mov ds,eax; mov es,eax; mov ss,eax", "8ed88ec08ed0", a -> a.movEaxToDataSegments()),
        of("cpuid", "0fa2", a -> a.cpuid()),
        of("tdcall", "660f01cc", a -> a.tdcall()),
        of("pause", "f390", a -> a.pause()),
        of("cli", "fa", a -> a.cli()),
        of("sti", "fb", a -> a.sti()),
        of("wrmsr", "0f30", a -> a.wrmsr()),
        of("lidt [rdi]", "0f011f", a -> a.lidtRdi()),
        of("iretq", "48cf", a -> a.iretq()),
        of("hlt", "f4", a -> a.hlt()),
        of("out dx,al", "ee", a -> a.outDxAl()),
        of("rep movsb", "f3a4", a -> a.repMovsb()));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("encodings")
  void encodingIsThatOfGnuAs(String text, String encoding, Consumer<Assembler> instruction) {
    Assembler assembler = new Assembler(0);

    instruction.accept(assembler);

    assertThat(HexFormat.of().formatHex(assembler.toBytes())).as(text).isEqualTo(encoding);
  }

  @Test
  void jumpsReachLabelsOnBothSides() {
    Assembler assembler = new Assembler(0xffff_0000L);
    Label before = new Label("before");
    Label after = new Label("after");

    assembler.bind(before).jmp(after).jump(Condition.BELOW, before).call(before);
    assembler.lea(RDI, after).bind(after);

    assertThat(HexFormat.of().formatHex(assembler.toBytes()))
        .isEqualTo("e912000000" + "0f82f5ffffff" + "e8f0ffffff" + "488d3d00000000");
  }

  @Test
  void absoluteAddressesCountFromTheOrigin() {
    Assembler assembler = new Assembler(0xffff_0000L);
    Label table = new Label("table");

    assembler.lgdt32(table).farJump32(8, table).align(16).bind(table).quad(-2);

    assertThat(HexFormat.of().formatHex(assembler.toBytes()))
        .isEqualTo("0f01151000ffff" + "ea1000ffff0800" + "0000" + "feffffffffffffff");
  }

  @Test
  void misuseIsFoundWhenAssembling() {
    Assembler assembler = new Assembler(0);
    Label twice = new Label("twice");
    assembler.bind(twice);

    assertThatIllegalStateException().isThrownBy(() -> assembler.bind(twice));
    assertThatIllegalArgumentException().isThrownBy(() -> assembler.mov(RAX, EAX));
    assembler.jmp(new Label("nowhere"));
    assertThatIllegalStateException()
        .isThrownBy(assembler::toBytes)
        .withMessageContaining("nowhere");
  }
}
