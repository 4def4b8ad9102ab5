package org.swtdx.seamcall;

import org.swtdx.memory.Hpa;

/** A frame in the role it has for the TDX module; pages of different roles cannot be confused. */
public sealed interface TdxPage
    permits GuestPage, SeptPage, TdcsPage, TdcxPage, TdrPage, TdvprPage {
  /** The frame. */
  Hpa hpa();
}
