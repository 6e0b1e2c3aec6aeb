package profiles

// The profiles of what is given out when contributions are collected.
const (
	ProfileReceipt     = Canonical + "/StructureDefinition/receipt"            // DocumentReference: a receipt as it was given out
	ProfileReceiptBook = Canonical + "/StructureDefinition/receipt-book-issue" // SupplyDelivery: a book of paper receipts, issued to an officer
)
