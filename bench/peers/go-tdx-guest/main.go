// Measures go-tdx-guest: full verifications of one quote per second of processor time.
//
//	bench QUOTE BUNDLE UNIXTIME SECONDS
package main

import (
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/go-tdx-guest/verify"
)

// bundle is a QuoteCollateralV3 in JSON.
type bundle struct {
	PckCrlIssuerChain     string `json:"pck_crl_issuer_chain"`
	RootCaCrl             string `json:"root_ca_crl"`
	PckCrl                string `json:"pck_crl"`
	TcbInfoIssuerChain    string `json:"tcb_info_issuer_chain"`
	TcbInfo               string `json:"tcb_info"`
	TcbInfoSignature      string `json:"tcb_info_signature"`
	QeIdentityIssuerChain string `json:"qe_identity_issuer_chain"`
	QeIdentity            string `json:"qe_identity"`
	QeIdentitySignature   string `json:"qe_identity_signature"`
}

// answers stands for the network: it gives what the provisioning service would, at once.
type answers struct {
	pckCrl, rootCrl, tcbInfo, qeIdentity []byte
	pckHeader, tcbHeader, qeHeader       map[string][]string
}

func (a *answers) Get(address string) (map[string][]string, []byte, error) {
	switch {
	case strings.Contains(address, "pckcrl"):
		return a.pckHeader, a.pckCrl, nil
	case strings.Contains(address, "tcb?"):
		return a.tcbHeader, a.tcbInfo, nil
	case strings.Contains(address, "qe/identity"):
		return a.qeHeader, a.qeIdentity, nil
	default:
		return nil, a.rootCrl, nil
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, "go-tdx-guest:", err)
		os.Exit(1)
	}
	return value
}

func processorTime() time.Duration {
	var usage syscall.Rusage
	must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func main() {
	quote := must(os.ReadFile(os.Args[1]))
	var b bundle
	must(0, json.Unmarshal(must(os.ReadFile(os.Args[2])), &b))
	at := time.Unix(must(strconv.ParseInt(os.Args[3], 10, 64)), 0)
	seconds := must(strconv.ParseFloat(os.Args[4], 64))
	chain := func(name, pem string) map[string][]string {
		return map[string][]string{name: {url.QueryEscape(pem)}}
	}
	getter := &answers{
		pckCrl:     must(hex.DecodeString(b.PckCrl)),
		rootCrl:    must(hex.DecodeString(b.RootCaCrl)),
		tcbInfo:    []byte(`{"tcbInfo":` + b.TcbInfo + `,"signature":"` + b.TcbInfoSignature + `"}`),
		qeIdentity: []byte(`{"enclaveIdentity":` + b.QeIdentity + `,"signature":"` + b.QeIdentitySignature + `"}`),
		pckHeader:  chain("Sgx-Pck-Crl-Issuer-Chain", b.PckCrlIssuerChain),
		tcbHeader:  chain("Tcb-Info-Issuer-Chain", b.TcbInfoIssuerChain),
		qeHeader:   chain("Sgx-Enclave-Identity-Issuer-Chain", b.QeIdentityIssuerChain),
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(b.TcbInfoIssuerChain[strings.LastIndex(b.TcbInfoIssuerChain, "-----BEGIN"):]))
	run := func() {
		options := &verify.Options{
			CheckRevocations: true, GetCollateral: true, Getter: getter, Now: at, TrustedRoots: roots,
		}
		must(0, verify.RawTdxQuote(quote, options))
	}
	run()
	best := 0.0
	for round := 0; round < 3; round++ {
		count, began := 0, processorTime()
		for (processorTime() - began).Seconds() < seconds {
			for i := 0; i < 10; i++ {
				run()
			}
			count += 10
		}
		best = max(best, float64(count)/(processorTime()-began).Seconds())
	}
	fmt.Printf("%.0f\n", best)
}
