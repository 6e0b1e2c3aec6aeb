package main

import "bima/resources/receipt"

// receiptFlags are what a scheme may choose of the receipts it gives.
type receiptFlags struct {
	ReceiptPrefix   string `help:"What the numbers of receipts begin with." default:"R" env:"BIMA_RECEIPT_PREFIX"`
	ReceiptDigits   int    `help:"How many digits the numbers of receipts have at least." default:"6" env:"BIMA_RECEIPT_DIGITS"`
	ReceiptSeries   string `help:"Whether the numbers begin anew each year, which then follows the prefix (yearly), or go on (running)." enum:"yearly,running" default:"yearly" env:"BIMA_RECEIPT_SERIES"`
	ReceiptScheme   string `help:"The scheme's name on receipts; by default that of who is paid." env:"BIMA_RECEIPT_SCHEME" placeholder:"NAME"`
	ReceiptLanguage string `help:"The language of receipts where none is asked for: en, sw or fr." enum:"en,sw,fr" default:"en" env:"BIMA_RECEIPT_LANGUAGE"`
}

// receipts gives what the scheme has chosen.
func (f receiptFlags) receipts() receipt.Settings {
	return receipt.Settings{
		Prefix: f.ReceiptPrefix, Digits: f.ReceiptDigits, Running: f.ReceiptSeries == "running", Scheme: f.ReceiptScheme, Language: f.ReceiptLanguage,
	}
}
