"""What a column's name says about its meaning, in several languages. Pure.

A name is compared without case, accents and separators: `Customer ID`, `customer_id` and `customerId` are one name.
"""

import re
import unicodedata
from functools import cache

# By meaning, the clearest names first: of two columns that could both have a meaning, the one with the earlier name has it.
_NAMES: dict[str, str] = {
    "user_id": """
        userid customerid visitorid shopperid clientid memberid userpseudoid domainuserid customeruserid buyerid
        accountid kundenid kundennummer kundennr kundnr kundnummer idclient clienteid idcliente idutente codicecliente
        klantid klantnummer asiakasid kundeid kundenummer customernumber customerno customercode uid user customer
        visitor shopper client member buyer kunde cliente klant asiakas utente usuario utilisateur householdid
        reviewerid email customeremail emailbilling billingemail emailaddress emailadresse contactemail
    """,
    "item_id": """
        itemid productid skuid sku itemsku productsku lineitemsku tisku variantsku stockcode articleid artikelid
        artikelnummer artikelnr artnr articlenumber productcode itemcode artno asin movieid songid trackid bookid isbn
        goodsid listingid contentid idproduit referenceproduit idproducto codigoproducto idprodotto codiceprodotto
        productnummer varenummer tuotenumero item product artikel produit producto prodotto movie goods itemnumber ean
        gtin parentasin
    """,
    "time": """
        eventtime eventtimestamp occurredat timestamp collectortstamp derivedtstamp datetime time ts eventdate
        invoicedate orderdate orderdatetime purchasedate purchasedat createdat orderedat transactiondate
        transactiontime bestelldatum kaufdatum rechnungsdatum datecommande fechapedido fechacompra dataordine
        besteldatum orderdato datacompra datacreated datecreated date datum zeit zeitpunkt zeitstempel uhrzeit fecha
        data heure tijd day created ratedat unixtime unixreviewtime dvcecreatedtstamp
    """,
    "kind": """
        eventtype eventname event feedbacktype behaviortype behaviourtype behavior behaviour behaviorraw action
        actiontype kind interactiontype interaction activity activitytype type ereignis ereignistyp aktion evenement
        accion evento tipoevento azione gebeurtenis handeling
    """,
    "rating": "rating stars score overall bewertung sterne note puntuacion voto waardering",
    "order_id": """
        orderid transactionid invoiceno ordernumber ordernr orderno incrementid invoicenumber invoiceid tiorderid
        purchaseid basketid bestellnummer bestellid auftragsnummer rechnungsnummer numerocommande idcommande
        numeropedido idpedido numeroordine idordine bestelnummer ordrenummer receiptid receiptno order invoice
        bestellung commande pedido ordine
    """,
    "session_id": """
        sessionid usersession session domainsessionid gasessionid visitid sitzung sitzungsid idsession idsesion sessie
    """,
    "quantity": """
        quantity qty qtyordered lineitemquantity tiquantity amountofitems pieces menge anzahl stueck stuck stueckzahl
        quantite cantidad quantita aantal antal numberofitems units count
    """,
    "price": """
        unitprice price itemprice productprice lineitemprice tiprice itemcost priceperunit stueckpreis einzelpreis
        preis prix prixunitaire precio preciounitario prezzo prezzounitario prijs stuksprijs pris baseprice priceeach
        priceusd priceeur pricegbp regularprice variantprice listprice
    """,
    "total": """
        total amount linetotal ordertotal grandtotal subtotal revenue sales umsatz betrag summe gesamt montant importe
        importo omzet
    """,
    "currency": """
        currency currencycode ordercurrency ordercurrencycode ticurrency waehrung wahrung devise moneda valuta monnaie
    """,
    "country": "countrycode country geocountry billingcountry shippingcountry land pays pais paese landcode",
    "device": "device devicetype devicecategory geraet gerat appareil dispositivo apparaat",
    "os": "os operatingsystem osname osfamily betriebssystem",
    "region": "region state geobundesland bundesland provincia province",
    "status": """
        status orderstatus financialstatus state paymentstatus bestellstatus auftragsstatus statut statutcommande
        estado estadopedido stato statoordine
    """,
    "title": """
        title productname itemname name lineitemname producttitle tiname description productdescription bezeichnung
        artikelbezeichnung produktname artikelname titel titre nom nomproduit nombre nombreproducto titolo nome
        nomeprodotto naam productnaam navn
    """,
    "category_path": """
        categorypath categorycode categories category productcategory itemcategory ticategory categoryname kategorie
        warengruppe categorie categoria productcategories categoryid department
    """,
    "brand": "brand brandname itembrand marke hersteller vendor manufacturer marque fabricant marca merk maerke",
    "tags": "tags labels genres genre keywords schlagworte etiquettes etiquetas",
    "image_url": "imageurl imagesrc image images baseimage picture bild bildurl imagen immagine afbeelding imagelink",
    "group_id": "groupid handle parentid parentsku itemgroupid parent gruppe",
    "hidden": "ishidden hidden",
    "published": "published ispublished visible active enabled",
}
# A name that has one of these words beside another meaning is not that meaning: a shipping price is not the price of a piece.
_OTHER_PRICES = {"total", "shipping", "tax", "discount", "compare", "subtotal", "refund", "refunded", "fee", "cost"}
_LEAST = 0.6
_STEP = 0.005
_PART = 0.8  # of the score, where a name is only a part of the column's


def tokens(name: str) -> list[str]:
    """The words of a column's name, in lower case and without accents.

    >>> tokens("Lineitem SKU"), tokens("customerId"), tokens("Stückpreis (€)")
    (['lineitem', 'sku'], ['customer', 'id'], ['stuckpreis'])
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", ascii_only)
    return [word.lower() for word in re.findall(r"[A-Za-z0-9]+", spaced)]


def names_of(meaning: str) -> tuple[str, ...]:
    """The names that a meaning is known by, the clearest first."""
    return tuple(_NAMES[meaning].split())


def meanings() -> tuple[str, ...]:
    """All meanings that a name can have."""
    return tuple(_NAMES)


@cache
def score(name: str, meaning: str) -> float:
    """How well a column's name fits a meaning, 0 to 1; 0: not at all.

    >>> score("CustomerID", "user_id") > score("Customer Email", "user_id") > 0.6
    True
    >>> score("shipping price", "price"), score("colour", "user_id")
    (0.0, 0.0)
    """
    words = tokens(name)
    if meaning == "price" and _OTHER_PRICES & set(words) and "".join(words) not in names_of("price"):
        return 0.0
    whole = _known("".join(words), meaning)
    if whole:
        return whole
    parts = ["".join(words[first:last]) for first in range(len(words)) for last in range(first + 1, len(words) + 1)]
    found = max((_known(part, meaning) for part in parts if len(part) > 2), default=0.0)
    return found * _PART


def _known(word: str, meaning: str) -> float:
    place = _places(meaning).get(_without_umlauts(word))
    return 0.0 if place is None else max(1.0 - _STEP * place, _LEAST)


@cache
def _places(meaning: str) -> dict[str, int]:
    names = [_without_umlauts(name) for name in names_of(meaning)]
    return {name: names.index(name) for name in names}


def _without_umlauts(word: str) -> str:
    """`ue` as `u`: Stueck and Stück are one word."""
    for two in ("ae", "oe", "ue"):
        word = word.replace(two, two[0])
    return word
