package org.swtdx.seamcall;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.swtdx.cpu.LogicalProcessor;
import org.swtdx.memory.KeyId;

/** A wrapper class has one method for each of its leaves, and the method calls that leaf. */
class WrapperCompletenessTest {
  @Test
  void everyLeafHasItsWrapper() throws ReflectiveOperationException {
    try (FakeModule module = new FakeModule()) {
      Map<Long, Leaf> leaves = new HashMap<>();
      Map<Long, String> methods = new HashMap<>();
      for (Object wrapper : wrappers(module)) {
        for (Leaf leaf : leavesOf(wrapper.getClass())) {
          Leaf other = leaves.put(leaf.rax(), leaf);
          assertThat(other).as("%s is called as", leaf).isNull();
        }
        for (Method method : methodsOf(wrapper.getClass())) {
          module.calls.clear();
          method.setAccessible(true);
          method.invoke(wrapper, arguments(method.getParameterTypes(), module));
          String name = wrapper.getClass().getSimpleName() + "." + method.getName();
          assertThat(module.calls).as("SEAMCALLs of %s", name).hasSize(1);
          String other = methods.put(module.calls.getFirst().rax(), name);
          assertThat(other).as("%s calls the same leaf as", name).isNull();
        }
      }
      assertThat(leaves.keySet()).isEqualTo(methods.keySet());
      assertThat(leaves.values()).extracting(Leaf::abiName).doesNotHaveDuplicates();
      assertThat(leaves).hasSizeGreaterThan(40);
    }
  }

  @Test
  void everyWrapperClassIsLookedAt() throws IOException, URISyntaxException {
    Path root = Path.of(Leaf.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path folder = root.resolve(Leaf.class.getPackageName().replace('.', '/'));
    try (FakeModule module = new FakeModule();
        Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()).filter(f -> f.startsWith("Tdh")))
          .containsExactlyInAnyOrderElementsOf(
              wrappers(module).stream().map(w -> w.getClass().getSimpleName() + ".class").toList());
    }
  }

  private static List<Object> wrappers(FakeModule module) {
    SeamcallGate gate = new SeamcallGate(module.platform, module);
    return List.of(
        new TdhSys(gate),
        new TdhMng(gate),
        new TdhMem(gate),
        new TdhVp(gate),
        new TdhPhymem(gate, module.memory.layout()));
  }

  private static List<Leaf> leavesOf(Class<?> wrapper) throws IllegalAccessException {
    List<Leaf> leaves = new ArrayList<>();
    for (Field field : wrapper.getDeclaredFields()) {
      if (field.getType() == Leaf.class) {
        leaves.add((Leaf) field.get(null));
      }
    }
    return leaves;
  }

  private static List<Method> methodsOf(Class<?> wrapper) {
    return Arrays.stream(wrapper.getDeclaredMethods())
        .filter(m -> !Modifier.isPrivate(m.getModifiers()))
        .filter(m -> Arrays.asList(m.getParameterTypes()).contains(LogicalProcessor.class))
        .toList();
  }

  private static Object[] arguments(Class<?>[] types, FakeModule module)
      throws ReflectiveOperationException {
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = argument(types[i], module);
    }
    return arguments;
  }

  /** Some value of any type that wrappers take. */
  private static Object argument(Class<?> type, FakeModule module)
      throws ReflectiveOperationException {
    if (type == LogicalProcessor.class) {
      return module.lp();
    }
    if (type == KeyId.class) {
      return new KeyId(33);
    }
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == List.class) {
      return List.of();
    }
    if (type.isEnum()) {
      return type.getEnumConstants()[1];
    }
    if (type.isSealed()) {
      return argument(type.getPermittedSubclasses()[0], module);
    }
    Class<?>[] parts =
        type.isRecord()
            ? Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new)
            : new Class<?>[0];
    return type.getDeclaredConstructor(parts).newInstance(arguments(parts, module));
  }
}
