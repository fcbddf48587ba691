/**
 * French.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const french: Vocabulary = {
  common:
    `le, la, les, un, une, des, du, de, et, ou, est, sont, à, au, aux, en, dans, pour, par, sur, avec, que, qui, ce, cette, ces, il, elle, je, nous, vous,
    pas, ne, plus, mon, notre, nos, moi, mes, faut, puis, quand, c'est, ça, son, ses, chaque, sans, se`,
  numbers:
    "deux, trois, quatre, cinq, six, sept, huit, neuf, dix, onze, douze, treize, quatorze, quinze, seize, dix-sept, dix-huit, dix-neuf, vingt",
  units:
    `mot*, page*, phrase*, paragraphe*, ligne*, minute*, min, heure*, jour*, semaine*, mois, an, ans, année*, personne*, pour cent, px, go, mo, ms, seconde*, fois, étape*, signe*,
    caractère*, point*, titre*, à, ou, autre*`,
  and: "et, ou, ainsi que",
  joints:
    `pour, dans, en, sur, à, au, aux, de, du, des, avec, par, qui, que, est, sont, car, sans, et, ou, puis, chaque, chacun, chacune, selon, afin, où, quand, séparément`,
  not: "pas, ne, n', sans, jamais, aucun, aucune, au lieu de, plutôt que",
  each:
    "chaque, chacun, chacune, par module, par client, pour tous les, pour toutes les, respectif*, respectivement, un par, une par, pour tout",
  apart:
    `indépendant*, indépendamment, séparément, séparé*, en parallèle, simultanément, en même temps, sans rapport, sans lien, rien à voir, distinct*, à part, propre*, pas de lien,
    aucun lien, aucun rapport, équipes différentes, clients différents, dépôts différents, dans n'importe quel ordre, l'ordre importe peu, l'ordre n'a pas, de front, côte à côte, dépôts séparés, de son côté, aucune dépendance`,
  divide:
    "répartis*, répartir, partage le travail, divise*, découpe le travail, découpe*, distribue*, parallélise*, scinde*, fractionne*",
  serial:
    `l'un après l'autre, l'une après l'autre, les uns après les autres, un par un, une par une, dans cet ordre, dans l'ordre, successivement, à la suite, séquentiellement,
    l'étape précédente, de l'étape précédente, chaque étape, la précédente, avant de passer, au fur et à mesure`,
  first:
    "d'abord, tout d'abord, premièrement, pour commencer, commence par, commencer par, en premier, étape 1, phase 1, dans un premier temps, au départ",
  next:
    `ensuite, puis, après, après quoi, après cela, une fois, dès que, dans un second temps, deuxièmement, troisièmement, étape 2, étape 3, étape 4, phase 2, phase 3, quand c'est, lorsque, par la suite, suite à,
    une fois que, après ça, quand tu, quand le, quand la, quand les, lorsqu*`,
  last:
    `enfin, finalement, pour finir, à la fin, en dernier, pour terminer, au final, en conclusion, termine par, terminer par, quand tout,
    pour clore, en clôture`,
  uses:
    `à partir de, à partir du, à partir des, sur la base, en te basant, en se basant, basé sur, basée sur, d'après, selon le plan, avec cet, avec cette, avec ces, avec ce, à l'aide de, à l'aide du,
    de là, tire de, tire du, tires-en, déduis*, dérive*, en t'appuyant, s'appuyant, suis le, suis la, le résultat, les résultats, de l'étape, ce plan, cette liste, obtenu*, ainsi obtenu*, trouvé*, en fonction de, en utilisant, utilise les, utilise le, conformément, à la lumière,
    sers-t'en, avec lui, avec elle, avec eux, avec ça, avec le résultat, avec la liste, à partir d', en conséquence,
    là-dessus, s'en servir, de ce que, avec ce que, selon ce que`,
  takes: "avec, de, du, des, selon, sur, contre, d'après, par, le, la, les, à, au, pour",
  gather:
    `fusionne*, regroupe*, rassemble*, combine*, consolide*, synthèse*, synthétise*, un seul rapport, un seul, une seule, rapport unique, unique, commun, commune, classement*, classe-les, classé par, recommand*,
    compare-les, comparaison, comparatif*, tableau comparatif, un tableau, choisis le meilleur, choisis la meilleure, le meilleur, la meilleure, lequel, laquelle, le tout, l'ensemble, vue d'ensemble, bilan global, rapport final, conclusion commune, un rapport de, dis-moi lequel, met tout, mets tout, global*,
    d'ensemble, verdict, avis global, avis commun, départage*, palmarès, le tout dans, récapitulatif, tranche, en un seul,
    en une seule, choisir`,
  weighty:
    `approfondi*, en profondeur, détaillé*, complet*, complète*, exhaustif*, rapport*, article*, dossier*, guide*, mémoire*, étude*, pages, chapitre*, suite de tests, tests, audite*, audit*, analyse*, recherche*, étudie*, enquête*,
    migre*, migration*, porte, réécri*, refai*, refonte, dépôt*, branche*, prototype*, manuel*, contrat*, module*, service*, application*, plugin*, extension*, corrige*, bug*, cause*, documentation*, implémente*, développe*, rédige*, relis, examine*, soigneusement, évalue*, compare*, mots chacun, 1000 mots, teste*`,
  slight:
    `court*, brève*, brièvement, bref, une phrase, une ligne, un mot, renomme*, faute de frappe, fautes, même fichier, un seul fichier, fuseau*, capitale*, dis-moi ce, vite, rapide*, rapidement, supprime les, mets la, petit*, affiche*, quelques mots, version de`,
  asks:
    `comment, pourquoi, quoi, quel, quelle, quels, quelles, qu'est-ce, est-ce, c'est quoi, quand, où, qui, explique*, décris*, combien, peux-tu expliquer, dis-moi pourquoi, y a-t-il, je peux, puis-je, peut-on, faut-il, à quoi, différence entre, et pourquoi, tu peux m'expliquer`,
  reads:
    `résume*, résumé, tradui*, corrige ce texte, reformule*, relis ce, classe ce, voici, ci-dessous, ce mail, ce courriel, ce ticket, ce message, ce texte, suivant, suivante, un client écrit, réponds à, extrais*, raccourcis`,
  tells:
    "recette*, mode d'emploi, procédure*, fiche*, consigne*, instructions, étapes numérotées, pas à pas, liste de contrôle, tutoriel*, poème, histoire, discours, protocole*, runbook*, chaque étape du calcul",
  demands:
    `critères*, exigence*, condition*, doit, doivent, règle*, contrainte*, fonction, champs, colonnes, section*, attendu*, reproduire, afin que, il faut que, comportement*, options, détails, cas limites, il me faut une fonction`,
  works:
    `ajoute*, analyse*, audite*, construi*, corrige*, crée*, documente*, développe*, écri*, étudie*, exporte*, fai*, gèle*, génère*, importe*, installe*, mets, mettre, migre*, modifie*, pousse*, prépare*, publie*, rédige*, refai*, relance*, réécri*, supprime*, teste*, tire, trouve*, vérifie*, dégage*, suis, déroule*, conçoi*, implémente*, déploie*, compare*, évalue*`
}
