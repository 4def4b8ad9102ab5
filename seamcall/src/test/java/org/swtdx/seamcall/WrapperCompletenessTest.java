package org.swtdx.seamcall;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.Hpa;
import org.swtdx.memory.KeyId;

/** Every leaf has a wrapper, and a wrapper calls the leaf with the version it names. */
class WrapperCompletenessTest {
  @Test
  void everyLeafIsCalledBySomeWrapper() throws ReflectiveOperationException {
    try (FakeModule module = new FakeModule()) {
      SeamcallGate gate = new SeamcallGate(module.platform, module);
      List<Object> wrappers =
          List.of(
              new TdhSys(gate),
              new TdhMng(gate),
              new TdhMem(gate),
              new TdhVp(gate),
              new TdhPhymem(gate, module.memory.layout()));
      for (Object wrapper : wrappers) {
        for (Method method : wrapper.getClass().getDeclaredMethods()) {
          boolean takesProcessor =
              method.getParameterCount() > 0
                  && method.getParameterTypes()[0] == LogicalProcessor.class;
          if (takesProcessor && !Modifier.isPrivate(method.getModifiers())) {
            method.setAccessible(true);
            method.invoke(wrapper, arguments(method, module));
          }
        }
      }

      Set<Long> called =
          module.calls.stream()
              .map(FakeModule.Call::rax)
              .collect(Collectors.toCollection(TreeSet::new));
      assertThat(called)
          .containsExactlyElementsOf(Arrays.stream(Leaf.values()).map(Leaf::rax).sorted().toList());
    }
  }

  private static Object[] arguments(Method method, FakeModule module) {
    return Arrays.stream(method.getParameterTypes()).map(type -> argument(type, module)).toArray();
  }

  private static Object argument(Class<?> type, FakeModule module) {
    Hpa page = new Hpa(0x1000);
    if (type == LogicalProcessor.class) {
      return module.lp();
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == Hpa.class) {
      return page;
    }
    if (type == KeyId.class) {
      return new KeyId(33);
    }
    if (type == SeptLevel.class) {
      return SeptLevel.SIZE_2M;
    }
    if (type == TdxTd.class) {
      return new TdxTd(new TdrPage(page), List.of(), new KeyId(33));
    }
    if (type == TdxVp.class) {
      return new TdxVp(new TdvprPage(page), List.of());
    }
    if (type == VpEnterArgs.class) {
      return new VpEnterArgs();
    }
    if (type == TdcsPage.class) {
      return new TdcsPage(page);
    }
    if (type == TdcxPage.class) {
      return new TdcxPage(page);
    }
    if (type == SeptPage.class) {
      return new SeptPage(page);
    }
    if (type == TdxPage.class) {
      return new TdrPage(page);
    }
    if (type == GuestPage.class) {
      return new GuestPage(page);
    }
    throw new IllegalArgumentException("no sample of " + type);
  }
}
