package org.swtdx.tdxmodule;

import java.util.ArrayList;
import java.util.List;

/**
 * What the calls of a random sequence are about: a TD that runs its guest, one that is being built,
 * roots for more, and pages to give.
 */
final class StressTds implements AutoCloseable {
  static final int TDS = 4;
  static final int PAGES = 28;
  static final long GPA = 0x80_0000, LARGE = 0x4000_0000L;

  final Host host = Host.ready();
  final GuestTd guest;
  final List<Long> vcpus;
  final List<Long> pages = new ArrayList<>();
  final List<Long> largePages = List.of(host.largePage(), host.largePage());
  private final long[] roots = new long[TDS];

  StressTds() {
    guest = new GuestTd(host, Host.TD_KEYID, GuestLoop.code());
    GuestLoop.start(guest);
    roots[0] = guest.tdr;
    roots[1] = host.initializedTd(Host.TD_KEYID + 1, 0);
    vcpus = List.of(guest.tdvpr, VcpuStatusCases.created(host, roots[1], 0));
    for (int td = 0; td < 2; td++) {
      host.addSept(roots[td], GPA, 0);
      host.addSept(roots[td], LARGE, 1);
    }
    for (int i = 0; i < PAGES; i++) {
      pages.add(host.page());
    }
    for (int td = 2; td < TDS; td++) {
      roots[td] = host.page();
    }
    HostSight.write(host, Host.SOURCE, PlatformModel.SECRET);
  }

  /** The TDR page of a TD, or the page that will be. */
  long root(int td) {
    return roots[td];
  }

  @Override
  public void close() {
    host.close();
  }
}
