"""Common surnames of Germany, Austria and Switzerland: two that differ in a letter are two names."""

_FOLDED = """
abel abele adam adler ahlers ahrens albers albert albrecht altmann amann ammann anders andres angerer
appel arndt arnold auer bach bachmann bader baecker baer baier balzer bartel bartels barth barthel bartsch
bauer baum baumann baumeister baumgaertner baumgartner baur bayer beck becker beckers beckmann beer behr
behrendt behrens beier bender berg berger bergmann bernhard bernhardt bertram betz beyer bieber biedermann
binder birk bischof bischoff blank blum bock bode boeck boehm boehme boehmer boettcher bohn bolz born
bosch brand brandl brandt brauer braun bremer brenner breuer brinkmann bruckner brueckner bruenner brunner
buchholz buchner buck buechner buehler buerger burg burger burkhard burkhardt busch buschmann busse christ
conrad dahl dahm daniel decker deckert denk diehl dietrich dietz dittrich doerr dorn dreher ebel eberhard
eberhardt ebert eckert eder egger ehlers ehrlich eichhorn eisele engel engelhard engelhardt engels ernst
esser ewald faber fabian feldmann fiedler fink finke fischer fleischer fleischmann foerster forster frank
franke franz frei freund frey frick fricke friedrich fries fritsch fritz froehlich fromm fuchs fuhrmann
funk funke gabriel gaertner gartner gebauer gebhard gebhardt geier geiger gerber gerhard gerhardt gerlach
geyer giese glaser goebel goetz gottschalk graf graff gross grosse gruber gruen grund guenther gunther
haag haage haas haase hagen hahn hain hamann hammer hansen harder harms hart hartmann hartwig hauck hauer
haupt hauser heck hecker heil heim hein heine heinemann heinrich heinz heinze heinzel heise held heller
henke henkel hennig henning hentschel herbst hermann herold herr herrmann herz herzog hess hesse heuer
heyer hildebrand hildebrandt hiller hinz hirsch hofer hoffmann hofmann hohmann holz holzer hoppe horn
horst huber hubert hueber huebner hummel hunger jacob jacobi jacobs jaeger jahn jakob jakobs janke jansen
janssen janzen jentsch joost jordan jost juergens jung junge junk kaestner kaiser karl kasper kastner
kaufmann kayser keil kern kerner kessler kiefer kilian kirchner kirsch klaus klee klein kleine klemm kling
klose klotz kluge knapp knoll knopp koch koehler koeller koenig kohl kohler kolb koller konrad kopp
kraemer kraft krah kramer kraus krause krauss krebs kreis kremer kremmer kroeger kroll krueger krug kruse
kuehn kuehne kuhlmann kuhn kuhne kunz kunze kurz kurze lang lange langer lauer lechner lehman lehmann
lehner leitner lenz leonhard leonhardt lerch lindemann lindner link linke loeffler lohmann lorenz ludwig
lueders lutz lux maas maass mack mader mai maier mair mann marquard marquardt martens martin marx maurer
may mayer mayr meier meiser meissner meister menzel merkel merker mertens merz metz metzger meyer meyers
michel michels miller moeller mohr moller moritz moser mueller muench naumann neubauer neuber neuer
neumann nickel niemann noack noll nolte opitz oster ostermann ott otte otto pape paul pauli pauls paulus
peter petermann peters petersen pfeifer pfeiffer pfister philip philipp pichler pieper pohl pohle popp
preis preiss preuss prinz probst raabe rabe rau rauch rausch reich reichel reichelt reichert reimann
reimer reimers reiner reinhard reinhardt reinhart reiter renner reuter richter riedel rieder rieger ries
riess ritter roeder roehrig roemer roesch roesler roessler rohde rohr rose rosenthal roth rother rott
rudolf rudolph ruf ruff runge rupp sachs sachse sailer sander sandner sauer sauter schaaf schade schaefer
schaeffer schaller scharf schaub scheer scheffler schenk schenke scherer schick schiller schilling
schindler schlegel schlosser schlueter schmid schmidt schmied schmit schmitt schmitz schmuck schneider
schnell schnelle schober schoen schoene scholz scholze schon schott schrader schramm schreiber schreiner
schroeder schroeter schubert schuberth schuch schueler schuetz schuetze schuhmacher schuhmann schulte
schulten schultz schultze schulz schulze schumacher schumann schuster schwab schwabe schwartz schwarz
schwarze schweitzer schweizer seidel seidl seifert seiffert seiler seitz siebert siegel sieger siegert
simon singer sommer sonntag springer stahl stark starke steffen steffens stein steiner steinert steinmann
stern stoll stolz stolze straub strauss strobel strobl stumpf sturm suess theis theiss thiel thiele thiell
thoma thomas tietz tietze timm timme ulbrich ulrich unger urban vetter vischer vogel vogl vogler vogt
voigt volk volz voss vosse wagner wahl wald walter walther walz weber wegener wegner weiber weigel weigert
weigl weinert weis weise weiss weisse wendt wenz wenzel werner wetzel weyer wilcke wild wilde wilhelm
wilke will wille wimmer winkel winkler winter wirth wirtz witt witte wittmann wolf wolff wolfs wolter
wolters wuest wulf wulff wunderlich wurm zander zell zeller ziegler zimmer zimmerman zimmermann zink zinke
zorn zuercher
"""
SURNAMES = frozenset(_FOLDED.split())
