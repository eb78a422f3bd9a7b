// A peer that ends its direction and then waits for the answer, or answers only after the other side's end.
// Arguments: client or server, first or last, 1.3 or 1.2, the port. It prints what it read.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"os"
)

func main() {
	role, order, version, port := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	config := &tls.Config{RootCAs: x509.NewCertPool()}
	if version == "1.2" {
		config.MaxVersion = tls.VersionTLS12
	}
	conn := connect(role, "localhost:"+port, config)
	if order == "first" {
		check(io.WriteString(conn, "question"))
		check(0, conn.CloseWrite())
		check(io.Copy(os.Stdout, conn))
	} else {
		check(io.Copy(os.Stdout, conn))
		check(io.WriteString(conn, "answer"))
		check(0, conn.CloseWrite())
	}
	check(0, conn.Close())
}

func connect(role, address string, config *tls.Config) *tls.Conn {
	if role == "client" {
		config.RootCAs.AppendCertsFromPEM(check(os.ReadFile("ca.pem")))
		return check(tls.Dial("tcp", address, config))
	}
	config.Certificates = []tls.Certificate{check(tls.LoadX509KeyPair("certificate.pem", "key.pem"))}
	return check(check(tls.Listen("tcp", address, config)).Accept()).(*tls.Conn)
}

func check[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}
