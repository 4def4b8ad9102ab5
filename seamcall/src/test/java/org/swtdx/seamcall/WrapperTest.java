package org.swtdx.seamcall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;
import org.swtdx.seamcall.FakeModule.Answer;
import org.swtdx.seamcall.FakeModule.Call;

/** How wrappers encode operands, decode replies and repeat calls. */
class WrapperTest {
  private static final long NO_ENTROPY = 0x8000_0203_0000_0000L;
  private static final long RESUMABLE = 0x8000_0003_0000_0000L;
  private static final long BUSY = 0x8000_0200_0000_0080L;

  private final FakeModule module = new FakeModule();
  private final TdxPlatform tdx = module.tdx();
  private final TdxTd td = new TdxTd(new TdrPage(new Hpa(0x1000)), List.of(), new KeyId(33));
  private final TdxVp vp = new TdxVp(new TdvprPage(new Hpa(0x2000)), List.of());

  @AfterEach
  void close() {
    module.close();
  }

  @Test
  void operandsAreEncodedAsTheAbiHasThem() {
    tdx.mng().create(module.lp(), td);
    tdx.mem()
        .septAdd(module.lp(), td, 0x4000_0000, SeptLevel.SIZE_2M, new SeptPage(new Hpa(0x3000)));
    tdx.mem().pageAug(module.lp(), td, 0x5000, SeptLevel.SIZE_4K, new GuestPage(new Hpa(0x6000)));
    tdx.mem().pageAdd(module.lp(), td, 0x7000, new GuestPage(new Hpa(0x8000)), new Hpa(0x9000));
    tdx.mem().rangeBlock(module.lp(), td, 0x20_0000, SeptLevel.SIZE_2M);
    tdx.vp().init(module.lp(), vp, 0x1234, -1);
    tdx.vp().write(module.lp(), vp, 7, 8, 9);
    tdx.phymem().pageWbinvd(module.lp(), td.tdr(), new KeyId(33));

    assertThat(module.calls)
        .containsExactly(
            new Call(9, 0x1000, 33, 0, 0),
            new Call(3, 0x4000_0001, 0x1000, 0x3000, 0),
            new Call(6, 0x5000, 0x1000, 0x6000, 0),
            new Call(2, 0x7000, 0x1000, 0x8000, 0x9000),
            new Call(7, 0x20_0001, 0x1000, 0, 0),
            new Call(0x1_0016, 0x2000, 0x1234, 0xffff_ffffL, 0),
            new Call(43, 0x2000, 7, 8, 9),
            new Call(41, 33L << 46 | 0x1000, 0, 0, 0));
  }

  @Test
  void missingEntropyIsRetriedTenTimesWithTheSameOperands() {
    module.script.addAll(Collections.nCopies(9, new Answer(NO_ENTROPY, 5, 6, 7)));

    assertThat(tdx.mng().create(module.lp(), td)).isEqualTo(TdxStatus.SUCCESS);

    assertThat(module.calls).hasSize(10).containsOnly(new Call(9, 0x1000, 33, 0, 0));
  }

  @Test
  void entropyThatStaysAwayIsReported() {
    module.script.addAll(Collections.nCopies(20, Answer.status(NO_ENTROPY)));

    TdxStatus status = tdx.mng().create(module.lp(), td);

    assertThat(status.is(StatusCode.RND_NO_ENTROPY)).isTrue();
    assertThat(module.calls).hasSize(10);
  }

  @Test
  void busyIsNotRetriedHere() {
    module.script.add(Answer.status(BUSY));

    TdxStatus status = tdx.mem().track(module.lp(), td);

    assertThat(status.isBusy()).isTrue();
    assertThat(status).hasToString("TDX_OPERAND_BUSY(TDR)");
    assertThat(module.calls).hasSize(1);
  }

  @Test
  void septErrorsCarryTheEntry() {
    module.script.add(new Answer(0xc000_0b0d_0000_0001L, 0x8000_0000_0000_0000L, 0x0401, 0));

    SeptReply reply =
        tdx.mem().pageAug(module.lp(), td, 0x5000, SeptLevel.SIZE_4K, new GuestPage(new Hpa(0)));

    assertThat(reply.status()).hasToString("TDX_EPT_ENTRY_STATE_INCORRECT(RCX)");
    assertThat(reply.level()).isEqualTo(1);
    assertThat(reply.state()).isEqualTo(4);
    assertThat(reply.entry()).isEqualTo(1L << 63);
  }

  @Test
  void cacheWriteBackIsResumedUntilItIsDone() {
    module.script.add(Answer.status(RESUMABLE));
    module.script.add(Answer.status(RESUMABLE));

    assertThat(tdx.phymem().cacheWriteBack(module.lp()).isSuccess()).isTrue();

    assertThat(module.calls).extracting(Call::rcx).containsExactly(0L, 1L, 1L);
  }

  @Test
  void entryReturnsTheRawValueAndKeepsTheRegisters() {
    VpEnterArgs args = new VpEnterArgs();
    args.regs.r11 = 42;
    module.script.add(new Answer(77, 0xfc00, 1, 2));

    tdx.vp().enter(module.lp(), vp, args);

    assertThat(args.ret).isEqualTo(77);
    assertThat(args.regs.r11).isEqualTo(42);
    assertThat(args.regs.rcx).isEqualTo(0xfc00);
    assertThat(module.calls).containsExactly(new Call(0, 0x2000, 0, 0, 0));
  }

  @Test
  void keyIdsAreTakenOnceAndGivenBackOnce() {
    KeyIdPool pool = new KeyIdPool(33, 2);
    KeyId first = pool.take().orElseThrow();

    assertThat(first.value()).isEqualTo(33);
    assertThat(pool.take()).contains(new KeyId(34));
    assertThat(pool.take()).isEmpty();
    pool.release(first);
    assertThat(pool.inUse()).isEqualTo(1);
    assertThatThrownBy(() -> pool.release(first)).isInstanceOf(IllegalStateException.class);
    assertThat(pool.take()).contains(first);
  }

  @Test
  void theGlobalKeyIdIsNotInThePool() {
    assertThat(tdx.globalKeyId().value()).isEqualTo(32);
    assertThat(tdx.keyIds().size()).isEqualTo(31);
    assertThat(tdx.keyIds().take()).contains(new KeyId(33));
  }
}
