package client_test

import (
	"errors"
	"testing"

	"answerable/internal/client"
)

const packetKey = "clinic.example/answerable+1a2b3c4d+AbC"

func TestWhatIsNoKeptFileIsRefused(t *testing.T) {
	for _, file := range []string{"", "{}", "[]", `{"v":1,"t":"packet"}`, `{"v":2,"t":"packet"}`, `{"v":1,"t":"packet","more":1}`, "\xff"} {
		if _, err := client.CheckPacket([]byte(file), packetKey); !errors.Is(err, client.ErrPacket) {
			t.Errorf("%q: %v", file, err)
		}
	}
}

func FuzzCheckPacket(f *testing.F) {
	f.Add([]byte(`{"v":1,"t":"packet","origin":"o","clinic":"c","clinic_id":"i","day":"2026-12-03","vkey":"k","manifests":["m"],"proofs":["p"],"acts":["a"],"tickets":[],"written":[],"answers":[{"v":1,"t":"reply","anchor":"a","day":"d","text":"x","reviewer":"r","sig":"AAAA","holds":true}]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		if _, err := client.CheckPacket(file, packetKey); err != nil && !errors.Is(err, client.ErrPacket) {
			t.Errorf("another kind of error: %v", err)
		}
	})
}
