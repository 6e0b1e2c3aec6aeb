package answer

import "bima/adjudication"

func frenchPhrases() map[string]string {
	return ceiling{
		all: func(owner, span string) string {
			return "Le plafond" + span + " " + owner + ", %s, est maintenant épuisé."
		},
		one: func(owner, span string) string {
			return "Le plafond" + span + " " + owner + ", %s pour %s, est maintenant épuisé."
		},
		owners: [][2]string{{"treatment's", "du traitement"}, {"member's", "de l'assuré"}, {"policy's", "de la police"}},
		spans:  [][2]string{{"", ""}, {" yearly", " annuel"}, {" daily", " journalier"}, {" pregnancy", " de la grossesse"}, {" lifetime", " à vie"}},
	}.into(map[string]string{
		"The claim can't be decided: %s":                           "La demande ne peut pas être décidée : %s",
		"The claim has no lines, so there is nothing to pay.":      "La demande n'a aucune ligne : il n'y a rien à payer.",
		"The claim asks for no money, so there is nothing to pay.": "La demande ne réclame pas d'argent : il n'y a rien à payer.",
		"Nothing will be paid%s.":                                  "Rien ne sera payé%s.",
		"Nothing of %s will be paid%s":                             "Rien de %s ne sera payé%s",
		"All of %s will be paid":                                   "La totalité de %s sera payée",
		"%s of %s will be paid":                                    "%s sur %s seront payés",
		"; the member owes %s":                                     " ; l'assuré doit %s",
		sayTotal:                                                   "Le total de la demande est de %s ; ses lignes, sur lesquelles on décide, font %s.",
		sayRefused:                                                 "%s ne paie pas : %s.",
		sayRefusedOnly:                                             "%s ne paie pas.",
		"Medical officer: %s":                                      "Médecin-conseil : %s",
	})
}

var frenchReasons = map[adjudication.Reason]string{
	adjudication.ReasonReviewer:      "Rejeté par le médecin-conseil",
	adjudication.ReasonService:       "Ce jour-là, ce service n'est pas au registre",
	adjudication.ReasonPriceList:     "Absent de la liste de prix de l'établissement",
	adjudication.ReasonNotInPlan:     "Non couvert par le produit",
	adjudication.ReasonPatient:       "Pas pour un patient de ce sexe ou de cet âge",
	adjudication.ReasonFrequency:     "Trop tôt après la dernière fois",
	adjudication.ReasonDuplicate:     "L'établissement a déjà utilisé ce numéro de demande",
	adjudication.ReasonCoverage:      "Pas de couverture ce jour-là",
	adjudication.ReasonDate:          "Les dates du traitement manquent ou sont dans le mauvais ordre",
	adjudication.ReasonCareType:      "L'établissement ne donne pas ce genre de soins",
	adjudication.ReasonAdmissions:    "Plus aucune hospitalisation disponible",
	adjudication.ReasonVisits:        "Plus aucune visite disponible",
	adjudication.ReasonConsultations: "Plus aucune consultation disponible",
	adjudication.ReasonSurgeries:     "Plus aucune opération disponible",
	adjudication.ReasonDeliveries:    "Plus aucun accouchement disponible",
	adjudication.ReasonQuantity:      "La limite de quantité est atteinte",
	adjudication.ReasonWaiting:       "Pendant le délai de carence",
	adjudication.ReasonAntenatal:     "Plus aucune visite prénatale disponible",

	adjudication.ReasonCurrency:       "La demande est dans une autre monnaie que le produit",
	adjudication.ReasonFacility:       "L'établissement n'a pas de contrat avec le régime ce jour-là",
	adjudication.ReasonDeath:          "Le patient était décédé avant ce jour",
	adjudication.ReasonFiling:         "Demandé après le délai de dépôt",
	adjudication.ReasonPresence:       "Aucun code de visite ne prouve que le patient était présent",
	adjudication.ReasonRepeat:         "Le patient a déjà reçu ce service ce jour-là",
	adjudication.ReasonAdmission:      "Le patient était ces nuits-là dans un autre hôpital",
	adjudication.ReasonExclusive:      "Pas payé avec un autre service déjà reçu",
	adjudication.ReasonReferral:       "Le patient n'a pas été référé à cet établissement",
	adjudication.ReasonDiagnosis:      "Non couvert pour ce diagnostic",
	adjudication.ReasonIndication:     "Ce service n'est pas pour ce diagnostic",
	adjudication.ReasonCapitated:      "Déjà payé à l'établissement par capitation",
	adjudication.ReasonBalanceBilling: "Au-dessus de la liste de prix ; l'établissement peut le demander au patient",

	adjudication.ReasonPreauthorization:     "Il fallait demander l'accord du régime au préalable",
	adjudication.ReasonPreauthorizationLate: "L'accord a été demandé trop longtemps après l'urgence",
	adjudication.ReasonOtherPayer:           "Payé par un autre payeur",
	adjudication.ReasonPackage:              "Au-dessus du prix du forfait",
	adjudication.ReasonUnbundled:            "Partie d'un forfait demandé en même temps",
	adjudication.ReasonWorkAccident:         "Les accidents du travail relèvent d'une autre assurance",
	adjudication.ReasonNoWorkAccident:       "Le produit ne paie que les accidents du travail de son employeur",
	adjudication.ReasonNoWage:               "Aucun employeur n'a déclaré de salaire",
	adjudication.ReasonWageDays:             "Jours pour lesquels le salaire n'est pas remplacé",
	adjudication.ReasonWage:                 "Au-dessus de la part du salaire qui est remplacée",
	adjudication.ReasonArithmetic:           "Plus que le prix unitaire multiplié par la quantité",
	adjudication.ReasonMaximum:              "Plus rien de disponible dans cette catégorie",
	adjudication.ReasonListPrice:            "Au-dessus de la liste de prix de l'établissement",
	adjudication.ReasonReviewPrice:          "Au-dessus du prix accordé par le médecin-conseil",
	adjudication.ReasonReviewQuantity:       "Plus que ce que le médecin-conseil a accordé",
	adjudication.ReasonQuantityCut:          "Plus que ce qui reste de la limite de quantité",
	adjudication.ReasonFixedLimit:           "Au-dessus de ce que le produit paie par unité",
	adjudication.ReasonTracking:             "Le régime ne fait qu'enregistrer ce service ; il ne paie rien",
	adjudication.ReasonDeductibleTreatment:  "Franchise du traitement",
	adjudication.ReasonDeductibleInsuree:    "Franchise de l'assuré",
	adjudication.ReasonDeductiblePolicy:     "Franchise de la police",
	adjudication.ReasonCoinsurance:          "La part du patient",
	adjudication.ReasonCopay:                "Le montant fixe du patient",
	adjudication.ReasonCeilingTreatment:     "Le plafond du traitement est atteint",
	adjudication.ReasonCeilingInsuree:       "Le plafond de l'assuré est atteint",
	adjudication.ReasonCeilingPolicy:        "Le plafond de la police est atteint",
	adjudication.ReasonCeilingCategory:      "Le plafond de ce genre de service est atteint",
}
