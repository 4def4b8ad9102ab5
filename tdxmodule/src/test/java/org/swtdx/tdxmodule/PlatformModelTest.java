package org.swtdx.tdxmodule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.swtdx.memory.Hpa;

/**
 * Random legal and illegal sequences of SEAMCALLs and TDCALLs over several TDs and vCPUs: the
 * module answers what the model says, and the invariants hold after every step. A sequence that
 * fails is shrunk and printed; its seed replays it ({@code -Dswtdx.seed=N}).
 */
class PlatformModelTest {
  private static final int SEQUENCES = Integer.getInteger("swtdx.sequences", 6);
  private static final int STEPS = 300;

  static LongStream seeds() {
    Long one = Long.getLong("swtdx.seed");
    return one != null ? LongStream.of(one) : LongStream.range(0, SEQUENCES);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void theModuleAgreesWithTheModel(long seed) {
    List<PlatformModel.Step> steps = steps(seed);
    String failure = run(steps);
    if (failure != null) {
      List<PlatformModel.Step> shortest = Shrinking.shrink(steps, x -> run(x) != null);
      StringBuilder text = new StringBuilder("seed " + seed + ": " + run(shortest));
      shortest.forEach(step -> text.append("\n  ").append(step));
      throw new AssertionError(text);
    }
  }

  @Test
  void aFailingSequenceShrinksToItsCause() {
    List<PlatformModel.Step> steps = steps(1);

    List<PlatformModel.Step> shortest =
        Shrinking.shrink(steps, s -> s.stream().anyMatch(x -> x.page() == 7));

    assertThat(shortest).hasSize(1);
    assertThat(shortest.getFirst().page()).isEqualTo(7);
    assertThat(steps(1)).as("a seed replays").isEqualTo(steps);
  }

  @Test
  void aSecretThatTheHostSeesIsFound() {
    try (Host host = Host.ready()) {
      long mine = host.page();
      HostSight sight = new HostSight(host, PlatformModel.SECRET);
      sight.showsNoSecret(true);
      HostSight.write(host, mine, PlatformModel.SECRET);
      assertThatThrownBy(() -> sight.showsNoSecret(true)).hasMessageContaining("reads the secret");

      host.host().zero(new Hpa(mine), 4096);
      host.regs.r8 = PlatformModel.SECRET;
      assertThatThrownBy(() -> sight.showsNoSecret(false)).hasMessageContaining("register");
    }
  }

  private static List<PlatformModel.Step> steps(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<PlatformModel.Step> steps = new ArrayList<>();
    for (int i = 0; i < STEPS; i++) {
      steps.add(PlatformModel.Step.random(random));
    }
    return steps;
  }

  /** Runs a sequence on a new platform; returns what went wrong, or null. */
  private static @Nullable String run(List<PlatformModel.Step> steps) {
    try (PlatformModel model = new PlatformModel()) {
      HostSight sight = new HostSight(model.host, PlatformModel.SECRET);
      for (int i = 0; i < steps.size(); i++) {
        String complaint = model.execute(steps.get(i));
        if (complaint != null) {
          return "step " + i + ", " + complaint;
        }
        model.invariants().check();
        sight.showsNoSecret(i % 50 == 49);
      }
      model.invariants().tearDown();
      return null;
    } catch (AssertionError | RuntimeException e) {
      return e.toString();
    }
  }
}
