package org.swtdx.kvm;

import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Memory slots by a number that each has alone. Immutable: a change makes a new tree that shares
 * all but the path to the change. Balanced as Adelson-Velsky and Landis have it, so that lookups
 * and changes take logarithmic time whatever user space's order is.
 */
final class SlotTree {
  private final ToLongFunction<MemSlot> key;
  private final @Nullable Node root;

  private record Node(MemSlot slot, @Nullable Node left, @Nullable Node right, int height) {
    static Node of(MemSlot slot, @Nullable Node left, @Nullable Node right) {
      return new Node(slot, left, right, Math.max(heightOf(left), heightOf(right)) + 1);
    }

    static int heightOf(@Nullable Node node) {
      return node == null ? 0 : node.height;
    }

    /** How much higher the left side is. */
    static int tilt(@Nullable Node node) {
      return node == null ? 0 : heightOf(node.left) - heightOf(node.right);
    }
  }

  private SlotTree(ToLongFunction<MemSlot> key, @Nullable Node root) {
    this.key = key;
    this.root = root;
  }

  /** A tree of no slots, to be ordered by {@code key}. */
  static SlotTree empty(ToLongFunction<MemSlot> key) {
    return new SlotTree(key, null);
  }

  /** The slot with the greatest key that is not above {@code limit}, or null. */
  @Nullable MemSlot atOrBelow(long limit) {
    MemSlot best = null;
    for (Node node = root; node != null; ) {
      if (key.applyAsLong(node.slot) <= limit) {
        best = node.slot;
        node = node.right;
      } else {
        node = node.left;
      }
    }
    return best;
  }

  /** The slot with a key, or null. */
  @Nullable MemSlot get(long wanted) {
    MemSlot slot = atOrBelow(wanted);
    return slot != null && key.applyAsLong(slot) == wanted ? slot : null;
  }

  /** Adds all slots to a list, in ascending order of their keys. */
  void addTo(List<MemSlot> list) {
    addTo(list, root);
  }

  private static void addTo(List<MemSlot> list, @Nullable Node node) {
    if (node != null) {
      addTo(list, node.left);
      list.add(node.slot);
      addTo(list, node.right);
    }
  }

  /** This tree with a slot, whose key no other has. */
  SlotTree with(MemSlot slot) {
    return new SlotTree(key, insert(root, slot));
  }

  /** This tree without a slot that is in it. */
  SlotTree without(MemSlot slot) {
    return new SlotTree(key, delete(root, slot));
  }

  private Node insert(@Nullable Node node, MemSlot slot) {
    if (node == null) {
      return Node.of(slot, null, null);
    }
    return below(slot, node)
        ? balanced(node.slot, insert(node.left, slot), node.right)
        : balanced(node.slot, node.left, insert(node.right, slot));
  }

  private @Nullable Node delete(@Nullable Node node, MemSlot slot) {
    if (node == null) {
      throw new IllegalStateException("no slot " + slot.id());
    }
    if (key.applyAsLong(node.slot) == key.applyAsLong(slot)) {
      if (node.left == null || node.right == null) {
        return node.left == null ? node.right : node.left;
      }
      MemSlot next = leftmost(node.right);
      return balanced(next, node.left, delete(node.right, next));
    }
    return below(slot, node)
        ? balanced(node.slot, delete(node.left, slot), node.right)
        : balanced(node.slot, node.left, delete(node.right, slot));
  }

  private boolean below(MemSlot slot, Node node) {
    return key.applyAsLong(slot) < key.applyAsLong(node.slot);
  }

  private static MemSlot leftmost(Node node) {
    Node at = node;
    for (Node left = at.left; left != null; left = at.left) {
      at = left;
    }
    return at.slot;
  }

  /** A node whose sides differ in height by two at most, turned so that they differ by one. */
  private static Node balanced(MemSlot slot, @Nullable Node left, @Nullable Node right) {
    int tilt = Node.heightOf(left) - Node.heightOf(right);
    if (tilt > 1 && left != null) {
      Node upper = Node.tilt(left) < 0 ? turnedLeft(left) : left;
      return Node.of(upper.slot, upper.left, Node.of(slot, upper.right, right));
    }
    if (tilt < -1 && right != null) {
      Node upper = Node.tilt(right) > 0 ? turnedRight(right) : right;
      return Node.of(upper.slot, Node.of(slot, left, upper.left), upper.right);
    }
    return Node.of(slot, left, right);
  }

  private static Node turnedLeft(Node node) {
    Node up = node.right;
    return up == null ? node : Node.of(up.slot, Node.of(node.slot, node.left, up.left), up.right);
  }

  private static Node turnedRight(Node node) {
    Node up = node.left;
    return up == null ? node : Node.of(up.slot, up.left, Node.of(node.slot, up.right, node.right));
  }

  /** Length of the longest way down. */
  int height() {
    return Node.heightOf(root);
  }
}
