"""Tables: country codes, forms of numbers, and other words for countries and fields."""

_ISO_3166 = """
    ADAND AEARE AFAFG AGATG AIAIA ALALB AMARM AOAGO AQATA ARARG ASASM ATAUT AUAUS AWABW AXALA AZAZE BABIH
    BBBRB BDBGD BEBEL BFBFA BGBGR BHBHR BIBDI BJBEN BLBLM BMBMU BNBRN BOBOL BQBES BRBRA BSBHS BTBTN BVBVT
    BWBWA BYBLR BZBLZ CACAN CCCCK CDCOD CFCAF CGCOG CHCHE CICIV CKCOK CLCHL CMCMR CNCHN COCOL CRCRI CUCUB
    CVCPV CWCUW CXCXR CYCYP CZCZE DEDEU DJDJI DKDNK DMDMA DODOM DZDZA ECECU EEEST EGEGY EHESH ERERI ESESP
    ETETH FIFIN FJFJI FKFLK FMFSM FOFRO FRFRA GAGAB GBGBR GDGRD GEGEO GFGUF GGGGY GHGHA GIGIB GLGRL GMGMB
    GNGIN GPGLP GQGNQ GRGRC GSSGS GTGTM GUGUM GWGNB GYGUY HKHKG HMHMD HNHND HRHRV HTHTI HUHUN IDIDN IEIRL
    ILISR IMIMN ININD IOIOT IQIRQ IRIRN ISISL ITITA JEJEY JMJAM JOJOR JPJPN KEKEN KGKGZ KHKHM KIKIR KMCOM
    KNKNA KPPRK KRKOR KWKWT KYCYM KZKAZ LALAO LBLBN LCLCA LILIE LKLKA LRLBR LSLSO LTLTU LULUX LVLVA LYLBY
    MAMAR MCMCO MDMDA MEMNE MFMAF MGMDG MHMHL MKMKD MLMLI MMMMR MNMNG MOMAC MPMNP MQMTQ MRMRT MSMSR MTMLT
    MUMUS MVMDV MWMWI MXMEX MYMYS MZMOZ NANAM NCNCL NENER NFNFK NGNGA NINIC NLNLD NONOR NPNPL NRNRU NUNIU
    NZNZL OMOMN PAPAN PEPER PFPYF PGPNG PHPHL PKPAK PLPOL PMSPM PNPCN PRPRI PSPSE PTPRT PWPLW PYPRY QAQAT
    REREU ROROU RSSRB RURUS RWRWA SASAU SBSLB SCSYC SDSDN SESWE SGSGP SHSHN SISVN SJSJM SKSVK SLSLE SMSMR
    SNSEN SOSOM SRSUR SSSSD STSTP SVSLV SXSXM SYSYR SZSWZ TCTCA TDTCD TFATF TGTGO THTHA TJTJK TKTKL TLTLS
    TMTKM TNTUN TOTON TRTUR TTTTO TVTUV TWTWN TZTZA UAUKR UGUGA UMUMI USUSA UYURY UZUZB VAVAT VCVCT VEVEN
    VGVGB VIVIR VNVNM VUVUT WFWLF WSWSM YEYEM YTMYT ZAZAF ZMZMB ZWZWE
"""
ALPHA_3 = {pair[2:]: pair[:2] for pair in _ISO_3166.split()}
"""ISO 3166-1: alpha-3 to alpha-2, all 249."""

COUNTRIES = frozenset(ALPHA_3.values())

_NAMES = """
    AT=österreich|oesterreich|osterreich|austria|autriche|a|aut.; AU=australien|australia;
    BE=belgien|belgium|belgique|belgië|b; BG=bulgarien|bulgaria; CA=kanada|canada;
    CH=schweiz|switzerland|suisse|svizzera|swiss|sui; CN=china|volksrepublik china; CY=zypern|cyprus;
    CZ=tschechien|tschechische republik|czechia|czech republic;
    DE=deutschland|germany|allemagne|bundesrepublik deutschland|federal republic of germany|brd|ger|d;
    DK=dänemark|daenemark|denmark|danmark; EE=estland|estonia; ES=spanien|spain|españa|espana|e;
    FI=finnland|finland|suomi; FR=frankreich|france|f;
    GB=vereinigtes königreich|united kingdom|großbritannien|great britain|england|scotland|wales|uk|xi;
    GR=griechenland|greece|el; HR=kroatien|croatia|hrvatska; HU=ungarn|hungary; IE=irland|ireland;
    IN=indien|india; IS=island|iceland; IT=italien|italy|italia|i; JP=japan;
    LI=liechtenstein|fürstentum liechtenstein|fl; LT=litauen|lithuania; LU=luxemburg|luxembourg|l;
    LV=lettland|latvia; MC=monaco; MT=malta; NL=niederlande|holland|netherlands|the netherlands|nederland;
    NO=norwegen|norway|norge; PL=polen|poland|polska; PT=portugal; RO=rumänien|romania; RS=serbien|serbia;
    RU=russland|russia; SE=schweden|sweden|sverige; SI=slowenien|slovenia; SK=slowakei|slovakia;
    TR=türkei|tuerkei|turkey|türkiye; UA=ukraine;
    US=vereinigte staaten|vereinigte staaten von amerika|united states|united states of america|u.s.a.
"""
COUNTRY_NAMES = {
    name.casefold(): row.strip()[:2]
    for row in _NAMES.strip().split(";")
    for name in row.strip()[3:].split("|")
}
"""Other words for a country, case-folded: German and English names, vehicle codes, EL and UK."""

_ALIASES = """
    address=street strasse streetaddress addressline1 anschrift adresse;
    category=kategorie customercategory group; city=town ort stadt place; country=land countrycode;
    customerContacts=contacts contactpersons ansprechpartner;
    customerId=number customernumber customerno kundennummer kundennr debitornumber debitorennummer;
    deliveryAddresses=customerdeliveryaddresses shippingaddresses lieferadressen lieferanschriften;
    dunsId=duns dunsnumber; email=mail emailaddress; extras=metadata meta custom;
    faxNo=fax faxnumber telefax; firstName=vorname givenname forename; glnId=gln glnnumber;
    invoiceProfile=profile invoiceformat rechnungsformat; isCompany=istfirma business;
    lastName=nachname surname familyname; name=company companyname firma firmenname;
    note=notes notiz bemerkung comment; peppolId=peppol participantid peppolparticipantid;
    phoneNo=phone telephone telefon tel phonenumber telephonenumber mobile handy; position=role funktion;
    department=abteilung; postcode=zip zipcode plz postalcode postleitzahl;
    routeId=leitweg leitwegid leitwegnummer buyerreference; supplierNumber=lieferantennummer vendornumber;
    taxId=steuernummer taxnumber steuernr tin; title=anrede titel;
    vatId=ustid ustidnr vat vatnumber vatin uid umsatzsteuerid
"""
_ROWS = [row.strip().partition("=") for row in _ALIASES.split(";")]
ALIASES = {alias: field for field, _is, aliases in _ROWS for alias in aliases.split()}
"""Other German and English words for a field, folded."""

INVOICE_PROFILES = ("zf:1", "zf:2", "xrechnung")

POSTCODES = {"DE": (5, "D|DE"), "AT": (4, "A|AT"), "CH": (4, "CH"), "LI": (4, "LI|FL")}
"""Digits, and the old prefixes that may precede them with a hyphen."""

POSTCODE_WARNINGS = {
    "DE": (("(00|05|43|62).*", "postcode_unused_de"),),
    "AT": (("0.*", "postcode_unused_at"),),
    "CH": (
        ("0.*", "postcode_unused_ch"),
        ("94[89].", "postcode_is_li"),
        ("9[7-9]..", "postcode_high_ch"),
    ),
    "LI": (("(?!94[89][0-9]$).*", "postcode_unused_li"),),
}

VAT_FORMS = {
    "DE": ("DE[0-9]{9}", "DE + 9 digits", "DE"),
    "AT": ("ATU[0-9]{8}", "ATU + 8 digits", "ATU"),
    "CH": (
        "CHE[0-9]{9}(MWST|TVA|IVA|TPV)?",
        "CHE + 9 digits, with MWST, TVA, IVA or nothing after them",
        "CHE",
    ),
}
VAT_LANDS = {"EL": "GR", "XI": "GB", "IM": "GB", "MC": "FR", "GP": "FR", "MQ": "FR", "RE": "FR", "AX": "FI"}
"""The country whose VAT applies, where the prefix or the place is another code."""
