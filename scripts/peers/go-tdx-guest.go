// Shows a quote to go-tdx-guest, which fetches collateral itself.
// usage: go-tdx-guest QUOTE ROOT.pem http://localhost:PORT
package main

import (
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/google/go-tdx-guest/verify"
)

// local asks the service at host for whatever Intel's services or a CRL distribution point have.
type local struct{ host string }

func (l local) Get(address string) (map[string][]string, []byte, error) {
	where, err := url.Parse(address)
	if err != nil {
		return nil, nil, err
	}
	response, err := http.Get(l.host + where.RequestURI())
	if err != nil {
		return nil, nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, nil, fmt.Errorf("%s: %s", address, response.Status)
	}
	body, err := io.ReadAll(response.Body)
	return response.Header, body, err
}

func main() {
	quote, err := os.ReadFile(os.Args[1])
	root, rootErr := os.ReadFile(os.Args[2])
	if err != nil || rootErr != nil {
		fmt.Println("cannot read the input:", err, rootErr)
		os.Exit(2)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	err = verify.RawTdxQuote(quote, &verify.Options{
		GetCollateral:    true,
		CheckRevocations: true,
		Getter:           local{os.Args[3]},
		Now:              time.Now(),
		TrustedRoots:     roots,
	})
	if err != nil {
		fmt.Println("refused", err)
	} else {
		fmt.Println("accepted UpToDate")
	}
}
