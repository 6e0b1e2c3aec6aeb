package profiles

// IdentifierCard names a membership card, on the DocumentReference that records
// its issue: it is the id (jti) in the token of the card, and what revocations
// list.
const IdentifierCard = Canonical + "/id/card"
