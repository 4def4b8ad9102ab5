package org.swtdx.bench;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Names the benchmark of a class that does the least any implementation would have to do. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@interface Floor {
  /** The method's name. */
  String value();
}
