package org.swtdx.attestation.verify;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** TCB info and QE identity for {@link TestPlatform}, as text that tests replace parts of. */
final class TestDocuments {
  private static final String DATES =
      "\"issueDate\":\"2025-12-20T00:00:00Z\",\"nextUpdate\":\"2026-01-19T00:00:00Z\"";
  private static final String ZEROS_48 = "0".repeat(96);

  private TestDocuments() {}

  static String tcbInfo() {
    return tcbInfo("UpToDate", "UpToDate");
  }

  /** The platform reaches the first level with the status {@code platform}. */
  static String tcbInfo(String platform, String module) {
    return """
    {"id":"TDX","version":3,%s,"fmspc":"00906ED50000","pceId":"0000","tcbType":0,\
    "tcbEvaluationDataNumber":17,"tdxModule":%s},"tdxModuleIdentities":[\
    {"id":"TDX_01",%s,"tcbLevels":[%s,%s]},\
    {"id":"TDX_03",%s,"tcbLevels":[%s]}],"tcbLevels":[%s,%s]}\
    """
        .formatted(
            DATES,
            "{" + seam(),
            seam(),
            svnLevel(3, "2025-08-13", module, "[\"INTEL-SA-00002\"]"),
            svnLevel(2, "2024-03-13", "OutOfDate", "[]"),
            seam(),
            svnLevel(3, "2025-08-13", "UpToDate", "[]"),
            level(5, 3, "2025-08-13", platform, "[\"INTEL-SA-00001\"]"),
            level(4, 2, "2024-03-13", "OutOfDate", "[\"INTEL-SA-00003\"]"));
  }

  static String sgxTcbInfo() {
    return """
    {"id":"SGX","version":3,%s,"fmspc":"00906ED50000","pceId":"0000","tcbType":0,\
    "tcbEvaluationDataNumber":17,"tcbLevels":[{"tcb":{"sgxtcbcomponents":%s,"pcesvn":11},\
    "tcbDate":"2025-08-13T00:00:00Z","tcbStatus":"UpToDate"}]}\
    """
        .formatted(DATES, components(List.of(5, 5, 2, 2)));
  }

  private static String seam() {
    return "\"mrsigner\":\"%s\",\"attributes\":\"%s\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""
        .formatted(ZEROS_48, "0".repeat(16));
  }

  private static String svnLevel(int svn, String date, String status, String advisories) {
    return """
    {"tcb":{"isvsvn":%d},"tcbDate":"%sT00:00:00Z","tcbStatus":"%s","advisoryIDs":%s}\
    """
        .formatted(svn, date, status, advisories);
  }

  private static String level(int sgx, int tdx, String date, String status, String advisories) {
    return """
    {"tcb":{"sgxtcbcomponents":%s,"pcesvn":11,"tdxtcbcomponents":%s},\
    "tcbDate":"%sT00:00:00Z","tcbStatus":"%s","advisoryIDs":%s}\
    """
        .formatted(
            components(List.of(sgx, sgx, 2, 2)),
            components(List.of(3, 0, tdx)),
            date,
            status,
            advisories);
  }

  private static String components(List<Integer> first) {
    return IntStream.range(0, 16)
        .mapToObj(i -> "{\"svn\":" + (i < first.size() ? first.get(i) : 0) + "}")
        .collect(Collectors.joining(",", "[", "]"));
  }

  static String qeIdentity() {
    return """
    {"id":"TD_QE","version":2,%s,"tcbEvaluationDataNumber":18,"miscselect":"00000000",\
    "miscselectMask":"FFFFFFFF","attributes":"11000000000000000000000000000000",\
    "attributesMask":"FBFFFFFFFFFFFFFF0000000000000000","mrsigner":"%s","isvprodid":2,\
    "tcbLevels":[{"tcb":{"isvsvn":6},"tcbDate":"2025-08-13T00:00:00Z","tcbStatus":"UpToDate"},\
    {"tcb":{"isvsvn":4},"tcbDate":"2023-08-13T00:00:00Z","tcbStatus":"OutOfDate",\
    "advisoryIDs":["INTEL-SA-00004"]}]}\
    """
        .formatted(DATES, "5A".repeat(32));
  }
}
