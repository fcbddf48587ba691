/**
 * Portuguese.
 */
import type { Vocabulary } from "./Vocabulary.ts"

export const portuguese: Vocabulary = {
  common:
    `o, a, os, as, um, uma, uns, de, do, da, dos, das, e, ou, é, são, em, no, na, nos, nas, para, pra, por, com, que, se, ao, à, não, me, meu, nosso, nossa, nossos, este, esta, cada, como, depois, faz, está, ele, dele, eu, mais, sem`,
  numbers:
    "dois, três, quatro, cinco, seis, sete, oito, nove, dez, onze, doze, treze, quatorze, quinze, dezesseis, dezessete, dezoito, dezenove, vinte",
  units:
    "palavra*, página*, frase*, parágrafo*, linha*, minuto*, min, hora*, dia*, semana*, mês, meses, ano*, pessoa*, por cento, px, gb, mb, ms, segundo*, vezes, passo*, caractere*, ponto*, a, ou, outr*",
  and: "e, ou, bem como",
  joints:
    "para, pra, em, no, na, nos, nas, de, do, da, com, por, que, é, são, sem, e, ou, porque, até, desde, sobre, cada, onde, quando, depois, a, ao",
  not: "não, sem, nunca, nenhum, nenhuma, em vez de, ao invés de, nada",
  each:
    "cada, para todos os, para todas as, respectiv*, um por, uma por, cada um, cada uma, por hospital, individualmente",
  apart:
    `independente*, independentemente, separad*, separadamente, em paralelo, ao mesmo tempo, simultaneamente, sem relação, nada a ver, próprio*, própria*, equipes diferentes, três equipes, clientes diferentes, repositórios diferentes, não dependem, não têm relação, em qualquer ordem, a ordem não importa, distint*, à parte, por conta própria, três repositórios, lado a lado`,
  divide: "divid*, distribu*, repart*, paraleliz*, separa o trabalho, quebra em, fatia*",
  serial:
    "um depois do outro, uma depois da outra, um após o outro, uma após a outra, um por um, uma por uma, um de cada vez, uma de cada vez, nesta ordem, nessa ordem, em ordem, sequencialmente, em sequência, o passo anterior, do passo anterior, cada passo, cada etapa, etapa anterior, a anterior, o anterior, antes de passar",
  first:
    "primeiro, primeiramente, em primeiro lugar, para começar, começa por, comece por, passo 1, etapa 1, fase 1, inicialmente, antes de tudo",
  next:
    `depois, em seguida, então, a seguir, aí, uma vez, quando estiver, quando terminar, em segundo lugar, segundo, terceiro, passo 2, passo 3, passo 4, etapa 2, etapa 3, fase 2, fase 3, logo que, assim que, posteriormente, feito isso, após isso,
    quando o, quando a, quando os, após`,
  last:
    "finalmente, por fim, por último, no final, no fim, ao final, para terminar, para concluir, quando tudo, termine com, para fechar",
  uses:
    `a partir d*, com base n*, com base em, baseado*, baseada*, baseando*, usando, use os, use as, use o, use a, usa o, usa os, usa as, utiliz*, com esses, com essas, com esse, com essa, com isso, com estes, com os dados, com o resultado, segundo o plano, de acordo com, conforme o plano, deriv*, do passo, os resultados, o resultado, resultante*, obtid*, esse plano, essa lista, seguindo, daí, dessa, desse, nesse, nessa,
    com ele, com ela, com eles, com elas, use isso, use-o, use-a, com a lista, com o que, em função d*, o que encontrar*`,
  takes: "com, de, do, da, dos, das, segundo, conforme, sobre, contra, por, o, a, os, as, ao, para, em, no, na",
  gather:
    `combin*, junt*, uni*, funde, mescl*, consolid*, reún*, um único, uma única, um só, uma só, relatório único, comum, conjunt*, classificação, ranking, recomend*, compar*, tabela comparativa, escolhe o melhor, escolha o melhor, o melhor, a melhor, qual, síntese, sintetiz*, relatório final, conclus*, tudo em, geral, entre eles, entre elas,
    veredito, parecer, aconselh*, num só, numa só, num único, numa única`,
  weighty:
    `a fundo, aprofundad*, detalhad*, complet*, exaustiv*, relatório, relatórios, artigo*, dossiê*, guia*, ensaio*, estudo*, páginas, capítulo*, testes, suíte, audita*, auditoria*, analis*, pesquis*, investig*, migr*, porta, reescrev*, refaz*, refazer, repo*, branch*, protótipo*, manua*, contrato*, módulo*, serviço*, aplicaç*, plugin*, corrig*, bug*, causa*, documenta*, implement*, desenvolv*, redig*, revis*, avali*, estud*, app, painel, tela`,
  slight:
    "breve*, curto*, curta*, uma frase, uma linha, uma palavra, renome*, mesmo arquivo, um só arquivo, um único arquivo, fuso*, capital, diga o que, rápid*, apaga*, remov*, defin*, pequen*, imprim*, mostr*, erro de digitação",
  asks:
    "como, o que, que, por que, porque, pra que, para que, qual, quais, quando, onde, quem, quanto*, explic*, me explica, descrev*, é possível, posso, preciso dele, dá para, dá pra, devo, diferença entre, tem como, e o, existe",
  reads:
    "resum*, traduz*, corrija este texto, corrige este texto, reformul*, classifi*, aqui está, abaixo, este e-mail, este email, esta mensagem, este texto, este ticket, seguinte*, responda a, extrai*, encurt*",
  tells:
    "receita*, instruções, procedimento*, checklist*, lista de verificação, passo a passo, tutoria*, poema, história, discurso, protocolo*, passos numerados, runbook*",
  demands:
    "critério*, requisito*, condiç*, deve, devem, regra*, restriç*, função, campos, colunas, seção, seções, esperado, reproduzir, para que o, comportament*, opções, detalhes, casos limite",
  works:
    `adicion*, analis*, carreg*, compar*, constru*, convert*, corrig*, cri*, desenvolv*, document*, escrev*, export*, faz, faça, ger*, import*, instal*, migr*, prepar*, projet*, public*, refaz*, refazer, reescrev*, revis*, test*, traduz*, us*, verific*, implement*, estud*, avali*, investig*`
}
