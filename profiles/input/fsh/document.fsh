// DocumentReference: papers the server makes.

CodeSystem: DocumentCodes
Id: document
Title: "Documents"
Description: "Kinds of documents the server makes."
* insert Codes
* #receipt "Receipt" "For a contribution that was received."
* #card "Membership card" "With the insurance number as text and QR code."
