// Package feedback asks patients about the care that was claimed for them: five
// questions, put by an enrolment officer or a community health worker of the place
// where they live.
//
// Its door is Module. Each day it draws, of the claims decided the day before, the
// share that the product or the facility asks for; a CommunicationRequest goes to
// whoever serves the place, the answering Communication closes it, and what nobody
// answered by the day it was due is closed as such. Answers that speak against a
// facility are counted in the ledger, where the selection for review finds them.
package feedback
